package io.pagoda.node.bench;

import io.pagoda.KvLayout;
import io.pagoda.PagodaException;
import io.pagoda.PoolSpec;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierProvider;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** The kinds of places that this machine has, each with its blocks; and why others are not here. */
public final class LocalKinds implements AutoCloseable {
  private final PoolSpec shape;
  private final List<Kind> kinds = new ArrayList<>();
  private final Map<String, String> absent = new LinkedHashMap<>();
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();

  private LocalKinds(PoolSpec shape) {
    this.shape = shape;
  }

  /**
   * Opens what there is.
   *
   * @param shape of each engine's memory; its layout is replaced
   * @param layouts which layouts engines have
   * @param file the configuration whose settings of tiers hold, if any; its tiers are left alone
   * @param scratch a directory for all that goes to disk
   */
  public static LocalKinds open(
      PoolSpec shape, List<KvLayout> layouts, Optional<Path> file, Path scratch)
      throws IOException {
    var kinds = new LocalKinds(shape);
    try {
      kinds.openPools(layouts);
      kinds.openTiers(file, scratch);
      kinds.openPinned();
      return kinds;
    } catch (Throwable failed) {
      kinds.close();
      throw failed;
    }
  }

  private void openPools(List<KvLayout> layouts) {
    for (KvLayout layout : layouts) {
      add(
          MemoryKind.pool(
              new PoolSpec(
                  layout, shape.layers(), shape.tensors(), shape.blocks(), shape.chunkBytes())));
    }
  }

  private void add(Kind kind) {
    kinds.add(kind);
    owned.push(kind);
  }

  private void openTiers(Optional<Path> file, Path scratch) throws IOException {
    Overrides host =
        Overrides.NONE.tier("cpu=" + shape.blocks()).blockBytes(shape.blockBytes() + "B");
    Overrides both = host.tier("ssd=" + shape.blocks())
        .set("pagoda.tier.ssd.directory", scratch.resolve("ssd").toString());
    PagodaConfig config = PagodaConfig.load(file, both);
    Plugins plugins = Plugins.in(config.plugins());
    owned.push(plugins);
    Deployment deployment = deployment(config, PagodaConfig.load(file, host), plugins);
    for (TierNode node : deployment.graph().tiers()) {
      add(kind(node, scratch));
    }
    List<String> types = plugins.types(TierProvider.class);
    absent.put("gpu", whyNot(types.contains("gpu"), "gpu"));
    absent.put("remote", whyNot(types.contains("s3") || types.contains("minio"), "remote"));
  }

  private static String whyNot(boolean provided, String kind) {
    return provided
        ? "a plugin provides it, and this benchmark has no kind for it yet"
        : "no plugin that was found provides a %s tier".formatted(kind);
  }

  private Deployment deployment(PagodaConfig both, PagodaConfig hostAlone, Plugins plugins) {
    try {
      return own(Deployment.open(both, plugins, StageTimes.NONE));
    } catch (PagodaException e) {
      absent.put("ssd", String.valueOf(e.getMessage()));
      return own(Deployment.open(hostAlone, plugins, StageTimes.NONE));
    }
  }

  private Deployment own(Deployment deployment) {
    owned.push(deployment);
    return deployment;
  }

  private Kind kind(TierNode node, Path scratch) throws IOException {
    if (node.tier().spec().medium() == Medium.HOST) {
      return new TierKind("host", node.tier(), Optional.empty());
    }
    var bound = new FileBound(scratch.resolve("plain"), shape.blocks(), shape.blockBytes());
    owned.push(bound);
    return new TierKind(node.name(), node.tier(), Optional.of(bound));
  }

  private void openPinned() {
    try {
      add(MemoryKind.pinned(shape));
    } catch (UnsupportedOperationException e) {
      absent.put("pinned", String.valueOf(e.getMessage()));
    }
  }

  List<Kind> kinds() {
    return kinds;
  }

  MemorySegment hub() {
    return kinds.stream()
        .filter(kind -> kind.name().equals("host"))
        .findFirst()
        .flatMap(Kind::host)
        .orElseThrow();
  }

  /** {@return a line for each kind that is not here, with the reason} */
  List<BenchResult> absent() {
    var none = OptionalDouble.empty();
    return absent.entrySet()
        .stream()
        .map(
            kind -> new BenchResult(
                "local.absent", Map.of("kind", kind.getKey() + ": " + kind.getValue()), none, none,
                none))
        .toList();
  }

  /**
   * Measures every pair.
   *
   * @param perBatch how many blocks move together
   * @param rounds how many batches are timed for each pair
   * @param progress told of each pair
   */
  public List<BenchResult> measure(int perBatch, int rounds, Consumer<String> progress) {
    var bench = new LocalBench(shape.blocks(), shape.blockBytes(), perBatch, rounds);
    List<BenchResult> results = new ArrayList<>(bench.run(kinds, hub(), progress));
    results.addAll(absent());
    return results;
  }

  @Override
  public void close() throws IOException {
    while (!owned.isEmpty()) {
      close(owned.pop());
    }
  }

  private static void close(AutoCloseable part) throws IOException {
    try {
      part.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
