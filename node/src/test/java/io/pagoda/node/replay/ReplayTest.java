package io.pagoda.node.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import io.pagoda.ByteSize;
import io.pagoda.PoolSpec;
import io.pagoda.node.text.Progress;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReplayTest {
  private static final int BLOCK_BYTES = 4096;
  private static final PoolSpec GEOMETRY = Geometry.layerFirst(new ByteSize(BLOCK_BYTES));

  /** Requests from a list. */
  private static final class ListSource implements RequestSource {
    private final Queue<Request> left;

    ListSource(List<Request> requests) {
      this.left = new ArrayDeque<>(requests);
    }

    @Override
    public Optional<Request> next() {
      return Optional.ofNullable(left.poll());
    }

    @Override
    public double progress() {
      return 0.5;
    }

    @Override
    public int tokensPerBlock() {
      return 512;
    }

    @Override
    public void close() {}
  }

  private static Request request(long... ids) {
    BlockKeys keys = TraceSource.keys(LongStream.of(ids).boxed().toList());
    return new Request(Duration.ZERO, keys, 512L * ids.length - 100);
  }

  private static ReplayReport replay(FakeStore store, Request... requests) {
    return replay(store, ReplaySettings.sequential(GEOMETRY), List.of(requests));
  }

  private static ReplayReport replay(
      FakeStore store, ReplaySettings settings, List<Request> requests) {
    ReplayReport report =
        new Replay(store, settings, new Latencies(), Progress.SILENT).run(new ListSource(requests));
    assertEquals(0, store.openPools(), "pools left open");
    return report;
  }

  @Test
  void countsPrefixesAndTokens() {
    ReplayReport report =
        replay(new FakeStore(100), request(1, 2, 3), request(1, 2, 3, 4), request(9), request(1));
    Counts counts = report.counts();
    assertEquals(4, counts.requests());
    assertEquals(9, counts.references());
    assertEquals(4, counts.prefixHits());
    assertEquals(4 / 9.0, counts.hitRatio());
    assertEquals(Map.of("heap", 4L), counts.hitsByTier());
    assertEquals(4L * BLOCK_BYTES, counts.verifiedBytes());
    assertEquals(3 * 512 + 412, counts.tokensSaved());
    assertEquals(0, counts.mismatches());
    assertTrue(report.passed());
  }

  @Test
  void storesBlocksFirstToLastByteInBlockOrder() {
    FakeStore store = new FakeStore(100);
    Request request = request(1, 2, 3);
    replay(store, request);
    for (int i = 0; i < 3; i++) {
      BlockKey key = request.keys().key(i);
      byte[] expected = new byte[BLOCK_BYTES];
      new Pattern().fill(key.high(), key.low(), 0, MemorySegment.ofArray(expected));
      assertArrayEquals(expected, store.kept(key));
    }
  }

  @Test
  void aFlippedBitFails() {
    assertFoundOnce(new FakeStore(100) {
      @Override
      protected byte[] served(BlockKey key, byte[] right) {
        byte[] wrong = right.clone();
        wrong[BLOCK_BYTES - 1] ^= 0x10;
        return wrong;
      }
    }, "from byte 4,095 on");
  }

  @Test
  void aShiftByOneChunkFails() {
    assertFoundOnce(new FakeStore(100) {
      @Override
      protected byte[] served(BlockKey key, byte[] right) {
        byte[] wrong = new byte[BLOCK_BYTES];
        int chunk = (int) GEOMETRY.chunkBytes();
        System.arraycopy(right, chunk, wrong, 0, BLOCK_BYTES - chunk);
        System.arraycopy(right, 0, wrong, BLOCK_BYTES - chunk, chunk);
        return wrong;
      }
    }, "from byte");
  }

  @Test
  void anotherBlockFails() {
    assertFoundOnce(new FakeStore(100) {
      @Override
      protected byte[] served(BlockKey key, byte[] right) {
        return kept(request(2).keys().key(0));
      }
    }, "from byte 0 on");
  }

  @Test
  void aBlockThatNeverCameFails() {
    FakeStore lazy = new FakeStore(100) {
      @Override
      protected byte[] served(BlockKey key, byte[] right) {
        return new byte[0];
      }
    };
    Request same = request(1, 2);
    Counts counts = replay(lazy, same, same, same, same).counts();
    assertEquals(6, counts.mismatches(), "a block that an earlier request left in the pool counts");
  }

  private static void assertFoundOnce(FakeStore wrong, String remark) {
    ReplayReport report = replay(wrong, request(1, 2), request(1));
    assertEquals(1, report.counts().mismatches());
    assertFalse(report.passed());
    assertTrue(report.remarks().getFirst().contains(remark), () -> "" + report.remarks());
    assertTrue(report.remarks().getFirst().contains("request 2:"), () -> "" + report.remarks());
  }

  @Test
  void aShortFetchIsPutAgain() {
    FakeStore shortening = new FakeStore(100) {
      @Override
      protected int arriving(int matched) {
        return matched - 1;
      }
    };
    ReplayReport report = replay(shortening, request(1, 2, 3), request(1, 2, 3));
    assertEquals(3, report.counts().prefixHits());
    assertEquals(1, report.counts().shortFetches());
    assertEquals(0, report.counts().failedFetches());
    assertEquals(2L * BLOCK_BYTES, report.counts().verifiedBytes());
    assertEquals(List.of(0L, 0L, 1L, 2L), times(report));
    assertTrue(report.passed(), "a shorter prefix is no failure");
    assertEquals(List.of("fetch PARTIAL: told to bring fewer (1 times)"), report.remarks());
  }

  private static List<Long> times(ReplayReport report) {
    return report.latencies().values().stream().map(Percentiles::count).toList();
  }

  @Test
  void aFetchThatBringsNothingFails() {
    FakeStore dead = new FakeStore(100) {
      @Override
      protected int arriving(int matched) {
        return 0;
      }
    };
    ReplayReport report = replay(dead, request(1, 2), request(1, 2));
    assertEquals(1, report.counts().failedFetches());
    assertFalse(report.passed());
  }

  @Test
  void aPutThatStoresNothingFails() {
    FakeStore full = new FakeStore(100) {
      @Override
      protected int storing(int wanted) {
        return 0;
      }
    };
    ReplayReport report = replay(full, request(1, 2), request(1, 2));
    assertEquals(2, report.counts().failedPuts());
    assertEquals(2, report.counts().shortPuts());
    assertFalse(report.passed());
  }

  @Test
  void thePoolGrowsWithTheRequest() {
    long[] ids = LongStream.range(0, 1_000).toArray();
    FakeStore store = new FakeStore(2_000);
    Counts counts = replay(store, request(1_000), request(ids), request(ids)).counts();
    assertEquals(1_000, counts.prefixHits());
    assertEquals(0, counts.mismatches());
  }

  @Test
  void aRequestWithoutBlocksIsServed() {
    Counts counts =
        replay(new FakeStore(1), new Request(Duration.ZERO, TraceSource.keys(List.of()), 0))
            .counts();
    assertEquals(1, counts.requests());
    assertEquals(0, counts.hitRatio());
  }

  @Test
  void manyCallersServeEveryRequestOnce() {
    List<Request> requests =
        LongStream.range(0, 400).mapToObj(i -> request(i % 40, 1_000 + i)).toList();
    ReplaySettings four = new ReplaySettings(GEOMETRY, 4, Pace.MAX, Long.MAX_VALUE);
    Counts counts = replay(new FakeStore(10_000), four, requests).counts();
    assertEquals(400, counts.requests());
    assertEquals(800, counts.references());
    assertEquals(0, counts.mismatches());
  }

  @Test
  void aFailingCallerEndsTheOthers() {
    FakeStore broken = new FakeStore(100) {
      @Override
      protected int storing(int wanted) {
        throw new IllegalStateException("broken");
      }
    };
    List<Request> requests = LongStream.range(0, 100).mapToObj(i -> request(i)).toList();
    ReplaySettings four = new ReplaySettings(GEOMETRY, 4, Pace.MAX, Long.MAX_VALUE);
    var failure = assertThrows(IllegalStateException.class, () -> replay(broken, four, requests));
    assertEquals("broken", failure.getMessage());
  }

  @Test
  void aFailureWakesThoseWhoWaitForTheirTime() {
    FakeStore broken = new FakeStore(100) {
      @Override
      protected int storing(int wanted) {
        throw new IllegalStateException("broken");
      }
    };
    Request now = new Request(Duration.ofMillis(50), request(1).keys(), 1);
    Request muchLater = new Request(Duration.ofHours(9), request(2).keys(), 1);
    ReplaySettings four = new ReplaySettings(GEOMETRY, 4, Pace.REAL, Long.MAX_VALUE);
    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThrows(
            IllegalStateException.class, () -> replay(broken, four, List.of(now, muchLater))));
  }

  @Test
  void theEndOfTheTraceLeavesNobodyBehind() {
    List<Request> requests = LongStream.range(0, 20)
        .mapToObj(i -> new Request(Duration.ofMillis(10 * i), request(i).keys(), 1))
        .toList();
    ReplaySettings four = new ReplaySettings(GEOMETRY, 4, Pace.REAL, Long.MAX_VALUE);
    assertEquals(20, replay(new FakeStore(100), four, requests).counts().requests());
  }

  @Test
  void theLimitIsKept() {
    ReplaySettings two = new ReplaySettings(GEOMETRY, 1, Pace.MAX, 2);
    List<Request> requests = List.of(request(1), request(2), request(3));
    assertEquals(2, replay(new FakeStore(10), two, requests).counts().requests());
  }

  @Test
  void aPaceWaitsForTheTimeOfTheRequest() {
    Request late = new Request(Duration.ofSeconds(500), request(1).keys(), 1);
    ReplaySettings quick = new ReplaySettings(GEOMETRY, 1, new Pace(10_000), Long.MAX_VALUE);
    double seconds = replay(new FakeStore(10), quick, List.of(late)).seconds();
    assertTrue(seconds >= 0.05 && seconds < 500, () -> seconds + " s");
  }

  @Test
  void poolBlocksDiffer() {
    try (EnginePool pool = EnginePool.register(new FakeStore(1), GEOMETRY, 100)) {
      assertEquals(128, pool.blocks());
      assertEquals(128, Arrays.stream(pool.take(128)).distinct().count());
      assertThrows(IllegalArgumentException.class, () -> pool.take(129));
    }
  }
}
