package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKey;
import io.pagoda.ByteSize;
import io.pagoda.node.replay.FakeStore;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Each benchmark that is a command, with very little to do. */
class BenchCommandsTest {
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
  void aFetchForMachinesIsJsonAlone() {
    assertEquals(0, run("bench", "fetch", "--tokens=64", "--fetches=9", "--json=-"), this::err);
    assertTrue(out().startsWith("[ {") || out().startsWith("["), this::out);
    assertTrue(out().contains("\"wrong_bytes\" : 0.0"), this::out);
    for (String field : new String[] {"p50_ns", "p90_ns", "p99_ns", "max_ns", "move_ns"}) {
      assertTrue(out().contains('"' + field + '"'), this::out);
    }
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
  void nonsenseIsRefused() {
    assertEquals(ExitCode.USAGE, run("bench", "fetch", "--callers=0"));
    assertEquals(ExitCode.USAGE, run("bench", "copy", "--layout=sideways"));
    assertEquals(ExitCode.USAGE, run("bench", "copy", "--layout=layer-first", "--chunk=32"));
    assertEquals(ExitCode.USAGE, run("bench", "copy", "--layout=layer-first", "--chunk=12B"));
    assertEquals(ExitCode.USAGE, run("bench", "copy", "--layout=layer-first", "--layers=0"));
    assertEquals(5, err().lines().count(), this::err);
  }
}
