package io.pagoda.tier.gpu;

import io.pagoda.BlockStore;
import io.pagoda.core.Engine;
import io.pagoda.core.EngineSettings;
import io.pagoda.core.StageTimes;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.space.LruPolicyProvider;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.MemoryTier;
import java.util.List;

/**
 * A store whose callers have their memory on a GPU; it owns the device.
 *
 * @param device the device
 * @param hub its host memory
 * @param store the store
 */
record Rig(CudaDevice device, MemoryTier hub, BlockStore store) implements AutoCloseable {
  private static final CudaSettings SETTINGS = new CudaSettings("", 4, CopyPath.AUTO, 16 << 20);

  /** Opens one with host memory alone. */
  static Rig open(int slots, Sections sections) {
    var hub = new MemoryTier(slots, sections.blockBytes());
    return open(hub, new TierGraph(List.of(node("host", hub)), List.of(), sections));
  }

  /** Opens one with a tier below host memory. */
  static Rig open(int slots, Sections sections, StorageTier below) {
    var hub = new MemoryTier(slots, sections.blockBytes());
    var edge = new Edge("below", WritePolicy.BACK, Promotion.MOVE);
    return open(
        hub,
        new TierGraph(List.of(node("host", hub), node("below", below)), List.of(edge), sections));
  }

  private static Rig open(MemoryTier hub, TierGraph graph) {
    CudaDevice device = CudaDevice.open(SETTINGS, "gpu");
    BlockStore store = Engine.open(graph, List.of(device), EngineSettings.DEFAULT, StageTimes.NONE);
    Host.awaitPinned(device, hub.memory());
    return new Rig(device, hub, store);
  }

  /** Runs something in a thread of its own. */
  static void start(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  private static TierNode node(String name, StorageTier tier) {
    return new TierNode(name, tier, LruPolicyProvider.lru(tier.spec().slots()));
  }

  @Override
  public void close() {
    store.close();
  }
}
