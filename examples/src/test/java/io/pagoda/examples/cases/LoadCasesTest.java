package io.pagoda.examples.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ActiveOperation;
import io.pagoda.ConnectorUse;
import io.pagoda.Descriptor;
import io.pagoda.RdmaMetadata;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C10: thousands of operations over one connection, each told of exactly once. */
class LoadCasesTest {
  private static final int THREADS = 64;

  /** An emulated machine, which is where others than sockets are tried, has less to do. */
  private static final int COUNT = Side.bySockets() ? 10_000 : 300;

  private static final int LOOKS = Side.bySockets() ? 5 : 2;

  @TempDir private static Path directory;

  @Test
  void c10TellsOfEachOnce() throws Exception {
    try (PeerProcess peer = PeerProcess.start(directory, Side.config("b"));
        Side side = new Side(directory, Side.config("a"))) {
      run(peer, side, COUNT);
      ConnectorUse used = side.connector().use();
      Memory before = Memory.of(peer, "warm");
      run(peer, side, COUNT);
      Memory after = Memory.of(peer, "after");
      System.out.println("before " + before + ", after " + after);
      after.isNoMoreThan(before);
      side.idle(used);
      assertEquals(1, side.connector().connections().size());
      awaitNoneUnderWay(peer);
    }
  }

  /** What has ended settles, and is forgotten, a little later. */
  private static void awaitNoneUnderWay(PeerProcess peer) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    String use = peer.ask("use end0");
    for (int look = 1; !use.startsWith("0 "); look++) {
      assertTrue(System.nanoTime() < deadline, use);
      use = peer.ask("use end" + look);
    }
  }

  /** What both sides hold after a collection: the least of some looks, for others clean up too. */
  private record Memory(long here, long hereNative, long there, long thereNative) {
    static Memory of(PeerProcess peer, String when) throws IOException {
      long own = ProcessHandle.current().pid();
      Memory least = new Memory(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
      for (int i = 0; i < LOOKS; i++) {
        long there = Long.parseLong(peer.ask("heap " + when + i));
        boolean looks = Side.bySockets() || i == LOOKS - 1; // by a JVM each, which takes a while
        least = new Memory(
            Math.min(least.here, Many.heap()),
            looks ? Math.min(least.hereNative, Many.allocated(own)) : least.hereNative,
            Math.min(least.there, there),
            looks ? Math.min(least.thereNative, Many.allocated(peer.pid())) : least.thereNative);
      }
      return least;
    }

    void isNoMoreThan(Memory before) {
      assertTrue(within(before.here, here), () -> before + ", then " + this);
      assertTrue(within(before.hereNative, hereNative), () -> before + ", then " + this);
      assertTrue(within(before.there, there), () -> before + ", then " + this);
      assertTrue(within(before.thereNative, thereNative), () -> before + ", then " + this);
    }

    private static boolean within(long before, long after) {
      return after <= before * 1.05;
    }
  }

  private static void run(PeerProcess peer, Side side, int count) throws Exception {
    Path file = Files.createTempFile(directory, "many", ".json");
    assertEquals(Integer.toString(count), peer.ask("many %s %d".formatted(file, count)));
    List<String> all = Files.readAllLines(file);
    MemorySegment memory = Arena.ofAuto().allocate((long) count * Many.BYTES, 64);
    AtomicInteger ends = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int first = t;
        running.add(threads.submit(() -> {
          List<ActiveOperation> begun = new ArrayList<>();
          for (int i = first; i < count; i += THREADS) {
            begun
                .add(begin(side, all.get(i), memory.asSlice((long) i * Many.BYTES, Many.BYTES), i));
          }
          List<CompletableFuture<Void>> told = begun.stream()
              .map(one -> one.ended().thenRun(ends::incrementAndGet).toCompletableFuture())
              .toList();
          begun.forEach(Side::complete);
          told.forEach(one -> one.orTimeout(60, TimeUnit.SECONDS).join());
        }));
      }
      for (Future<?> one : running) {
        one.get();
      }
    }
    assertEquals(Integer.toString(count), peer.answer("complete " + file));
    for (int i = 0; i < count; i++) {
      MemorySegment part = memory.asSlice((long) i * Many.BYTES, Many.BYTES);
      assertEquals(-1, Words.mismatch(part, i + 1L));
    }
    assertEquals(count, ends.get());
    assertEquals(1, peer.count("complete " + file));
    Files.delete(file);
  }

  private static ActiveOperation begin(Side side, String json, MemorySegment part, int number) {
    List<Descriptor> local = List.of(Descriptor.of(part));
    RdmaMetadata metadata = RdmaMetadata.parse(json);
    if (number % 2 == 0) {
      return side.connector().beginRead(metadata, local, Side.MINUTE);
    }
    Words.fill(part, number + 1L);
    return side.connector().beginWrite(local, metadata, Side.MINUTE);
  }
}
