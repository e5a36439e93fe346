package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.Pool;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.LastingTier.Disk;
import io.pagoda.core.graph.Care;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Stores over a tier that never answers. */
@Timeout(60)
class ClosingTest extends RestartRig {
  private static final EngineSettings IMPATIENT =
      EngineSettings.DEFAULT.with(new Care(Duration.ofMillis(200), 3, 0));

  @TempDir Path directory;

  private final List<String> errors = new ArrayList<>();

  @Test
  void closingEndsOverATierThatHangsAndSaysWhatIsAbandoned() {
    var tier = new LastingTier(new Disk(32, BLOCK));
    var answered = new CountDownLatch(1);
    tier.closing = answered;
    Engine engine = open(4, IMPATIENT, tier);
    tier.holding = true;
    fill(keys(1, 2, 3));
    try (Pool pool = engine.register(SPEC, memory)) {
      engine.put(keys(1, 2, 3), pool, upTo(3))
          .finished()
          .toCompletableFuture()
          .orTimeout(20, TimeUnit.SECONDS)
          .join();
    }
    assertEquals(TierState.RETIRED, engine.statistics().tiers().get(1).state());
    String condition = engine.statistics().tiers().get(1).condition();
    assertTrue(condition.startsWith("retired for ") && condition.contains("hangs"), condition);
    engine.onAlarm(errors::add);
    engine.close();
    assertEquals(2, errors.size(), errors::toString);
    assertTrue(errors.getFirst().contains("could not be closed within PT0.2S"), errors::toString);
    assertTrue(errors.getFirst().contains("Abandoned: [STORE of "), errors::toString);
    assertTrue(errors.getLast().contains("is kept until the process ends"), errors::toString);
    // What it does after all is done to memory that is still there.
    tier.letGo();
    answered.countDown();
    assertFalse(tier.calls.stream().noneMatch(call -> call.startsWith("store")));
  }

  @Test
  void aResetEndsOverATierThatForgetsForEver() {
    var disk = new Disk(32, BLOCK);
    Engine before = open(4, new LastingTier(disk));
    put(before, 1, 2);
    before.close();
    var tier = new LastingTier(disk);
    Engine engine = open(4, IMPATIENT, tier);
    tier.emptied = new CompletableFuture<>();
    CompletableFuture<Void> reset = engine.reset().toCompletableFuture();
    var failed =
        assertThrows(CompletionException.class, () -> reset.orTimeout(20, TimeUnit.SECONDS).join());
    assertTrue(
        String.valueOf(failed.getCause()).contains("forgetting every block was not answered"),
        failed::toString);
    EngineRig.awaitUntil(
        () -> engine.statistics().tiers().get(1).state() == TierState.RETIRED, "it is retired");
    assertEquals(1, offer(engine));
  }

  @Test
  void theFlightRecorderIsToldOfChanges() throws IOException {
    var tier = new LastingTier(new Disk(32, BLOCK));
    Engine engine = open(4, tier);
    put(engine, 1, 2);
    try (var recording = new Recording()) {
      recording.enable("io.pagoda.TierState").withoutThreshold();
      recording.start();
      tier.fate = (_, _) -> new BatchResult.Failed(new PagodaException(Fault.FATAL, "it burns"));
      offer(engine);
      EngineRig.awaitUntil(
          () -> engine.statistics().tiers().get(1).state() == TierState.RETIRED, "it is retired");
      recording.stop();
      recording.dump(directory.resolve("run.jfr"));
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(directory.resolve("run.jfr"))
        .stream()
        .filter(event -> event.getEventType().getName().equals("io.pagoda.TierState"))
        .toList();
    assertEquals(1, events.size());
    assertEquals("HEALTHY", events.getFirst().getString("before"));
    assertEquals("RETIRED", events.getFirst().getString("state"));
    assertEquals("it burns", events.getFirst().getString("cause"));
  }

  private int offer(Engine engine) {
    fill(keys(9));
    try (Pool pool = engine.register(SPEC, memory)) {
      return engine.put(keys(9), pool, upTo(1))
          .outcome()
          .toCompletableFuture()
          .orTimeout(20, TimeUnit.SECONDS)
          .join()
          .blocks();
    }
  }
}
