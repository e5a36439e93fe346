package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.BlockKey;
import io.pagoda.ByteSize;
import io.pagoda.node.replay.FakeStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each benchmark that is a command, with very little to do. */
class BenchCommandsTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(StoreOpener stores, String... args) {
    Terminal terminal = new Terminal(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
    return Pagoda.run(terminal, stores, args);
  }

  private int run(String... args) {
    return run(new ConfiguredStores(), args);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aFetchIsMeasuredAtOneCallerAndAtSeveral() {
    String[] args = {"bench", "fetch", "--callers=2", "--tokens=64", "--fetches=20"};
    assertEquals(0, run(args), this::err);
    assertTrue(out().contains("callers 1, loop paced, blocks 4"), this::out);
    assertTrue(out().contains("callers 2, loop closed, blocks 4"), this::out);
    assertTrue(out().contains("fetch.beside-copies"), this::out);
    assertTrue(out().contains("until the caller, who waits, has the"), this::out);
  }

  @Test
  void aPolicyIsMeasuredWhereBlocksAreUsedAndWhereTheyReplaceOthers() {
    assertEquals(
        0, run("bench", "eviction", "--slots=4096", "--policies=lru,adaptive", "--json=-"),
        this::err);
    assertTrue(out().contains("\"eviction.use\""), this::out);
    assertTrue(out().contains("\"eviction.replace\""), this::out);
    assertTrue(out().contains("\"adaptive\""), this::out);
    assertEquals(2, run("bench", "eviction", "--slots=5"), this::err);
  }

  @Test
  void aMachineWithoutGpuSaysWhyItMeasuresNone() {
    assumeTrue(Files.notExists(Path.of("/dev/nvidiactl")), "this machine has a GPU");
    assertEquals(64, run("bench", "tier", "--tier", "gpu"), this::err);
    assertEquals("", out(), "nothing was measured");
    assertTrue(err().contains("cannot run on this machine: no libcuda.so.1"), this::err);
  }

  @Test
  void aFetchForMachinesIsJsonAlone() {
    assertEquals(0, run("bench", "fetch", "--tokens=64", "--fetches=9", "--json=-"), this::err);
    assertTrue(out().startsWith("[ {") || out().startsWith("["), this::out);
    assertTrue(out().contains("\"wrong_bytes\" : 0.0"), this::out);
    for (String field : new String[] {"p50_ns", "p90_ns", "p99_ns", "max_ns", "move_ns"}) {
      assertTrue(out().contains('"' + field + '"'), this::out);
    }
  }

  @Test
  void jsonMayBeAskedForBeforeTheBenchmarkIsNamed() throws IOException {
    Path file = directory.resolve("report.json");
    String[] fetch = {"fetch", "--tokens=64", "--fetches=9"};
    assertEquals(0, run("bench", "--json", fetch[0], fetch[1], fetch[2]), this::err);
    assertTrue(out().startsWith("["), this::out);
    assertEquals(0, run("bench", "--json=" + file, fetch[0], fetch[1], fetch[2]), this::err);
    assertTrue(Files.readString(file).contains("\"wrong_bytes\" : 0.0"), file::toString);
  }

  @Test
  void wrongBytesOfAFetchEndWithOne() {
    StoreOpener stores = (_, overrides, _) -> {
      String block = overrides.values().getOrDefault("pagoda.block-bytes", "none");
      long bytes = Long.parseLong(block.replace("B", ""));
      return new OpenStore(new Liar(), new ByteSize(bytes), 16, () -> {});
    };
    String[] args = {"bench", "fetch", "--callers=1", "--tokens=64", "--fetches=5"};
    assertEquals(ExitCode.FAILED, run(stores, args), this::err);
    assertTrue(out().contains("wrong 32 B"), this::out);
  }

  /** Flips one bit of every block. */
  private static final class Liar extends FakeStore {
    Liar() {
      super(100);
    }

    @Override
    protected byte[] served(BlockKey key, byte[] right) {
      byte[] wrong = right.clone();
      wrong[9] ^= 1;
      return wrong;
    }
  }

  @Test
  void everyPairOfKindsIsMeasuredAndCompared() throws IOException {
    String[] args = {"bench", "local", "--directory=" + directory, "--chunk=4KiB", "--layers=2",
      "--memory=256KiB", "--batch=4", "--rounds=3"};
    assertEquals(0, run(args), this::err);
    for (String kind : new String[] {"pool layer-first", "pool block-first", "pool layer-block",
      "ssd"}) {
      assertTrue(out().contains("  host to " + kind), this::out);
      assertTrue(out().contains("  " + kind + " to host"), this::out);
    }
    assertTrue(out().contains("pool layer-first to pool layer-block"), this::out);
    assertTrue(out().contains("ssd to pool block-first"), this::out);
    assertTrue(out().contains("not here: gpu: a plugin provides it, and this"), this::out);
    assertTrue(out().contains("4 blocks of 16 KiB"), this::out);
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(), left.toList(), "something is left on disk");
    }
  }

  @Test
  void aTierIsMeasuredAlone() {
    String[] args = {"bench", "tier", "--dir=" + directory, "--blocks=128KiB", "--depths=2",
      "--rounds=1", "--seconds=0.02", "--set=1MiB"};
    assertEquals(0, run(args), this::err);
    assertTrue(out().contains("  tier.read.range   128KiB   64KiB       2"), this::out);
    assertTrue(out().contains("  tier.write"), this::out);
    assertEquals(2, run("bench", "tier", "--set=9GiB"), this::err);
    assertTrue(err().contains("at most 8GiB"), this::err);
  }

  @Test
  void pairsForMachinesHaveEveryFigure() {
    String[] args = {"bench", "local", "--layouts=layer-first", "--chunk=4KiB", "--layers=2",
      "--memory=128KiB", "--batch=2", "--rounds=2", "--json"};
    assertEquals(0, run(args), this::err);
    assertTrue(out().startsWith("["), this::out);
    for (String field : new String[] {"from", "to", "blocks", "bytes", "bound", "p50_ns", "p90_ns",
      "p99_ns", "max_ns", "gb_per_s", "ratio", "bound_gb_per_s", "wrong_bytes"}) {
      assertTrue(out().contains('"' + field + '"'), this::out);
    }
    assertFalse(out().contains("block-first"), this::out);
  }

  @Test
  void nonsenseIsRefused() {
    assertEquals(ExitCode.USAGE, run("bench", "fetch", "--callers=0"));
    assertEquals(ExitCode.USAGE, run("bench", "copy", "--layout=sideways"));
    assertEquals(ExitCode.USAGE, run("bench", "copy", "--layout=layer-first", "--chunk=32"));
    assertEquals(ExitCode.USAGE, run("bench", "copy", "--layout=layer-first", "--chunk=12B"));
    assertEquals(ExitCode.USAGE, run("bench", "copy", "--layout=layer-first", "--layers=0"));
    assertEquals(ExitCode.USAGE, run("bench", "local", "--rounds=0"));
    assertEquals(ExitCode.USAGE, run("bench", "local", "--tensors=3"));
    assertEquals(7, err().lines().count(), this::err);
  }
}
