package io.pagoda.core;

import io.pagoda.BlockStore;
import io.pagoda.core.graph.TierGraph;

/** A store over a tier graph. */
public final class Engine {
  private Engine() {}

  /**
   * Opens a store. It owns the tiers of {@code graph} and closes them.
   *
   * @param graph the tiers and roads
   * @param settings how it behaves
   * @param times told how long each stage took
   */
  @SuppressWarnings("DoNotCallSuggester") // it will return
  public static BlockStore open(TierGraph graph, EngineSettings settings, StageTimes times) {
    throw new IllegalStateException("in the making: " + graph + settings + times);
  }
}
