package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Thousands of writes of many threads over one connection, each told of once, by its own words. */
@Timeout(300)
class ManyToldTest {
  private static final int COUNT = 10_000;
  private static final int THREADS = 64;
  private static final int BYTES = 64;
  private static final Duration PATIENCE = Duration.ofSeconds(200);

  private final Map<String, Integer> told = new ConcurrentHashMap<>();
  private final AtomicInteger early = new AtomicInteger();
  private final AtomicInteger completed = new AtomicInteger();

  /** Many messages are the beginning of others: 1, 11, 111, and so on. */
  @Test
  void messagesThatBeginAlikeAreToldApart() throws Exception {
    try (TcpTransport here = Rig.of(Backend.AUTO).open("here");
        TcpTransport there = Rig.of(Backend.AUTO).open("there");
        Arena arena = Arena.ofShared();
        Region from = here.register(arena.allocate((long) COUNT * BYTES, 64));
        Region to = there.register(arena.allocate((long) COUNT * BYTES, 64));
        Grant grant = there.grant(terms(to), listener(to.memory()));
        Link link = here.connect(there.listen().metadata(), PATIENCE)) {
      write(link, from, grant);
      for (long end = System.nanoTime() + PATIENCE.toNanos(); all() < COUNT;) {
        assertTrue(System.nanoTime() < end, () -> "told of " + all());
        Thread.onSpinWait();
      }
      assertEquals(COUNT, completed.get());
      assertEquals(COUNT, all());
      assertEquals(COUNT, told.size());
      assertEquals(0, early.get());
      assertEquals(-1, from.memory().mismatch(to.memory()));
    }
  }

  private int all() {
    return told.values().stream().mapToInt(times -> times).sum();
  }

  private static GrantTerms terms(Region region) {
    return new GrantTerms(
        List.of(Window.of(region)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0);
  }

  /** Looks, when it hears of a write, whether its bytes are there. */
  private GrantListener listener(MemorySegment memory) {
    return new GrantListener() {
      @Override
      public void notified(Peer peer, byte[] message) {
        String word = new String(message, StandardCharsets.US_ASCII);
        long number = Long.parseLong(word);
        for (int at = 0; at < BYTES; at += Long.BYTES) {
          early.addAndGet(memory.get(JAVA_LONG, number * BYTES + at) == word(number, at) ? 0 : 1);
        }
        told.merge(word, 1, Integer::sum);
      }
    };
  }

  private static long word(long number, int at) {
    return (number * BYTES + at + 1) * 0x9e3779b97f4a7c15L;
  }

  private void write(Link link, Region from, Grant grant) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        int first = thread;
        running.add(threads.submit(() -> writeEvery(first, link, from, grant)));
      }
      for (Future<?> one : running) {
        one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  private void writeEvery(int first, Link link, Region from, Grant grant) {
    List<CompletionStage<TransferEnd>> begun = new ArrayList<>();
    for (int i = first; i < COUNT; i += THREADS) {
      for (int at = 0; at < BYTES; at += Long.BYTES) {
        from.memory().set(JAVA_LONG, (long) i * BYTES + at, word(i, at));
      }
      long[] place = {(long) i * BYTES};
      RemoteBatch batch = new RemoteBatch(
          Direction.WRITE, from, place, grant.metadata(), place, new long[] {BYTES});
      byte[] message = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
      begun.add(link.post(batch.thenTell(new Notification(message)), PATIENCE).ended());
    }
    for (CompletionStage<TransferEnd> one : begun) {
      assertTrue(one.toCompletableFuture().join().completed());
      completed.incrementAndGet();
    }
  }
}
