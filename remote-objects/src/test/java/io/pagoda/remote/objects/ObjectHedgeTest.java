package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Second reads beside a first one. */
@Timeout(300)
class ObjectHedgeTest {
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final BlockingQueue<Read> reads = new LinkedBlockingQueue<>();

  private record Read(Download download, CompletableFuture<Void> answer) {}

  private static Patience oneTry() {
    return new Patience(
        Duration.ofMinutes(2), Duration.ofMinutes(2), 1, Duration.ofMillis(1), Duration.ofMillis(5),
        1000, 0.5, 8, Duration.ofMillis(100), Duration.ofMillis(400),
        Optional.of(Duration.ofMillis(1)));
  }

  private Bucket bucket() {
    return new MemoryBucket() {
      @Override
      public CompletionStage<Void> get(String name, Download into) {
        var answer = new CompletableFuture<Void>();
        reads.add(new Read(into, answer));
        return answer;
      }
    };
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(60, TimeUnit.SECONDS));
  }

  @Test
  void nothingEndsBeforeASecondReadThatIsAboutToBegin() throws Exception {
    try (Arena arena = Arena.ofShared();
        var requests = new Requests("objects", oneTry(), 4, new Tally(), tasks::add)) {
      MemorySegment memory = arena.allocate(8);
      var reader = new Reader(bucket(), requests.tally, "it", 0, List.of(memory), 8);
      CompletableFuture<Void> result = requests.run(reader);
      next(tasks).run();
      Read first = next(reads);
      Runnable second = next(tasks);
      first.answer.completeExceptionally(new ObjectFailure(Kind.TRANSIENT, "broken", null));
      assertFalse(result.isDone(), "the memory is given back, and the second may still write");
      second.run();
      Read other = next(reads);
      assertTrue(other.download.begin(0, 8, "tag"));
      assertTrue(other.download.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 8));
      other.answer.complete(null);
      Member.await(result);
      assertEquals(0, requests.limiter.running());
      assertEquals(2, requests.tally.requests.sum());
    }
  }

  @Test
  void aSecondReadThatIsNotWantedAnyMoreIsNotMade() throws Exception {
    try (Arena arena = Arena.ofShared();
        var requests = new Requests("objects", oneTry(), 4, new Tally(), tasks::add)) {
      var reader = new Reader(bucket(), requests.tally, "it", 0, List.of(arena.allocate(1)), 1);
      CompletableFuture<Void> result = requests.run(reader);
      next(tasks).run();
      Runnable second = next(tasks);
      Read first = next(reads);
      assertTrue(first.download.begin(0, 1, "tag"));
      assertTrue(first.download.write(new byte[1], 0, 1));
      first.answer.complete(null);
      Member.await(result);
      second.run();
      Runnable third = tasks.poll(50, TimeUnit.MILLISECONDS);
      assertNull(third, "the end of the second read has begun another");
      assertTrue(reads.isEmpty());
      assertEquals(0, requests.limiter.running());
      assertEquals(0, requests.tally.retries.sum());
    }
  }
}
