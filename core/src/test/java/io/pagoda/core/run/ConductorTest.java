package io.pagoda.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConductorTest {
  private final List<Throwable> bugs = new ArrayList<>();
  private final Conductor conductor = new Conductor(bugs::add);

  @Test
  void runsTasksOneAtATimeWhoeverBringsThem() throws InterruptedException {
    int threads = 8;
    int each = 50_000;
    long[] sum = {0};
    int[] inside = {0};
    var done = new CountDownLatch(threads * each);
    List<Thread> bringers =
        IntStream.range(0, threads).mapToObj(_ -> Thread.ofPlatform().start(() -> {
          for (int i = 0; i < each; i++) {
            conductor.execute(() -> {
              inside[0]++;
              sum[0] += inside[0];
              inside[0]--;
              conductor.afterwards(done::countDown);
            });
          }
        })).toList();
    for (Thread bringer : bringers) {
      bringer.join();
    }
    assertTrue(done.await(30, TimeUnit.SECONDS), "effects are missing: " + done.getCount());
    assertEquals((long) threads * each, conductor.call(() -> sum[0]));
    assertEquals(List.of(), bugs);
  }

  @Test
  void effectsComeAfterTheTaskAndNewsAfterEffects() {
    List<String> log = new ArrayList<>();
    conductor.execute(() -> {
      conductor.announce(() -> log.add("news"));
      conductor.afterwards(() -> {
        log.add("effect");
        conductor.execute(() -> log.add("task from an effect"));
      });
      conductor.execute(() -> log.add("task from a task"));
      log.add("task");
    });
    assertEquals(List.of("task", "task from a task", "effect", "task from an effect", "news"), log);
  }

  @Test
  void anAnswerMayBeAFailure() {
    var failure = assertThrows(IllegalStateException.class, () -> conductor.call(() -> {
      throw new IllegalStateException("no");
    }));
    assertEquals("no", failure.getMessage());
    assertEquals(7, conductor.call(() -> 7), "the conductor goes on");
  }

  @Test
  void nobodyConductsForEver() {
    var enough = new AtomicBoolean();
    var effects = new AtomicInteger();
    var endless = new Runnable() {
      @Override
      public void run() {
        conductor.afterwards(effects::incrementAndGet);
        if (!enough.get()) {
          conductor.execute(this);
        }
      }
    };
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> conductor.execute(endless));
    assertTrue(effects.get() > 0, "and effects do not wait for the last task");
    enough.set(true);
  }

  /** Who left early would not know whether its memory is in use. */
  @Test
  void anInterruptDoesNotKeepTheAnswerFromACaller() throws InterruptedException {
    var busy = new CountDownLatch(1);
    var free = new CompletableFuture<Void>();
    Thread.ofPlatform().start(() -> conductor.execute(() -> {
      busy.countDown();
      free.join();
    }));
    busy.await();
    var answer = new CompletableFuture<Integer>();
    Thread caller = Thread.ofPlatform().start(() -> {
      Thread.currentThread().interrupt();
      int given = conductor.call(() -> 7);
      answer.complete(Thread.interrupted() ? given : -1);
    });
    while (caller.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    free.complete(null);
    caller.join();
    assertEquals(7, answer.getNow(0), "and it is still interrupted");
  }

  @Test
  void aBugIsToldAndEndsNothing() {
    conductor.execute(() -> {
      throw new IllegalStateException("bug");
    });
    assertEquals(1, bugs.size());
    assertEquals(7, conductor.call(() -> 7));
  }
}
