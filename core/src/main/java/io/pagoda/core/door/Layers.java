package io.pagoda.core.door;

import io.pagoda.LayerListener;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** A stage for each layer of a fetch, behind a listener of the caller's. */
final class Layers implements LayerListener {
  private final LayerListener listener;
  private final int tokensPerBlock;
  private final CompletableFuture<Integer>[] stages;

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of stages
  Layers(LayerListener listener, int layers, int tokensPerBlock) {
    this.listener = listener;
    this.tokensPerBlock = tokensPerBlock;
    this.stages =
        Stream.generate(CompletableFuture::new).limit(layers).toArray(CompletableFuture[]::new);
  }

  @Override
  public void ready(int layer, int blocks) {
    stages[layer].complete(blocks * tokensPerBlock);
    listener.ready(layer, blocks);
  }

  @Override
  public String toString() {
    return listener.toString();
  }

  /** Learns that the fetch is over, and how many of its tokens have every layer. */
  void over(int tokens) {
    for (CompletableFuture<Integer> stage : stages) {
      stage.complete(tokens);
    }
  }

  CompletionStage<Integer> stage(int layer) {
    return stages[Objects.checkIndex(layer, stages.length)].minimalCompletionStage();
  }
}
