package io.pagoda.core;

import static io.pagoda.core.SmallStore.keys;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.JobOptions;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.WritePolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the flight recorder is told of a small run. */
class FlightRecorderTest {
  private static final List<String> NAMES =
      List.of("Match", "Job", "Hop", "Eviction", "TierFailure", "TierState");

  /** Told now and then, not when something happens. */
  private static final String USAGE = "TierUsage";
  private static final Edge BACK = new Edge("disk", WritePolicy.BACK, Promotion.COPY);

  @TempDir Path directory;

  /** A run to be recorded. */
  @FunctionalInterface
  private interface Run {
    void go();
  }

  private List<RecordedEvent> recorded(Run run) throws IOException {
    try (var recording = new Recording()) {
      NAMES.forEach(name -> recording.enable("io.pagoda." + name).withoutThreshold());
      recording.start();
      run.go();
      recording.stop();
      Path file = directory.resolve("run.jfr");
      recording.dump(file);
      return RecordingFile.readAllEvents(file)
          .stream()
          .sorted(Comparator.comparing(RecordedEvent::getStartTime))
          .toList();
    }
  }

  private static List<String> of(List<RecordedEvent> events, String name, String... fields) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("io.pagoda." + name))
        .map(
            event -> String
                .join(" ", Stream.of(fields).map(event::getValue).map(String::valueOf).toList()))
        .toList();
  }

  @Test
  void tellsNowAndThenHowTiersAre() throws IOException {
    Path file = directory.resolve("usage.jfr");
    try (var small = new SmallStore(4, 8, BACK, EngineSettings.DEFAULT);
        var recording = new Recording()) {
      small.put(keys(1, 4));
      small.put(keys(101, 3));
      recording.enable("io.pagoda." + USAGE).with("period", "beginChunk");
      recording.start();
      recording.stop();
      recording.dump(file);
    }
    assertEquals(
        List.of("host HEALTHY 4 4 0", "disk HEALTHY 8 3 0"),
        of(
            RecordingFile.readAllEvents(file), USAGE, "tier", "state", "slots", "ready",
            "writesAvoided"));
  }

  @Test
  void tellsOfMatchesJobsHopsAndEvictions() throws IOException {
    List<RecordedEvent> events = recorded(() -> {
      try (var small = new SmallStore(4, 8, BACK, EngineSettings.DEFAULT)) {
        small.put(keys(1, 4));
        small.put(keys(101, 3));
        small.fetch(keys(1, 4));
        SmallStore.over(small.store.prefetch(small.store.match(keys(1, 2)), JobOptions.DEFAULT));
      }
    });
    assertEquals(
        List.of("4 4 host=1 disk=3", "2 2 host=2"), of(events, "Match", "asked", "found", "tiers"));
    assertEquals(
        List.of(
            "PUT 4 4 COMPLETED  ", "PUT 3 3 COMPLETED  ", "FETCH 4 4 COMPLETED  host=1 disk=3",
            "PREFETCH 2 2 COMPLETED  host=2"),
        of(events, "Job", "kind", "wanted", "arrived", "end", "reason", "tiers"));
    assertEquals(
        List.of("host 3 EVICTED", "host 3 EVICTED"),
        of(events, "Eviction", "tier", "blocks", "cause"));
    List<String> hops = of(events, "Hop", "from", "to", "section");
    for (String way : List.of("engine host", "host engine", "host disk", "disk host")) {
      assertTrue(hops.contains(way + " -1"), hops::toString);
    }
    assertEquals(7 + 4 + 6 + 3, sum(events, "blocks"));
    assertEquals((7 + 4 + 6 + 3) * SmallStore.BLOCK_BYTES, sum(events, "bytes"));
    assertTrue(sum(events, "queueTime") >= 0);
    assertEquals(List.of(), of(events, "TierFailure", "tier"));
    for (RecordedEvent event : events) {
      boolean lasts = !event.getEventType().getName().endsWith("Eviction");
      assertEquals(lasts, event.getDuration().isPositive(), event::toString);
    }
  }

  private static long sum(List<RecordedEvent> events, String field) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals("io.pagoda.Hop"))
        .mapToLong(event -> event.getLong(field))
        .sum();
  }

  @Test
  void tellsWhyATierFails() throws IOException {
    var disk = new SimulatedTier(8, SmallStore.BLOCK_BYTES, new SplittableRandom(1));
    disk.breakdown = new AssertionError("it is broken");
    List<RecordedEvent> events = recorded(() -> {
      var through = new Edge("disk", WritePolicy.THROUGH, Promotion.COPY);
      try (var small = new SmallStore(8, disk, through, EngineSettings.DEFAULT)) {
        small.put(keys(1, 3));
      }
    });
    List<String> failures = of(events, "TierFailure", "tier", "operation", "blocks", "cause");
    assertEquals(1, failures.size());
    assertTrue(failures.getFirst().startsWith("disk STORE 3 disk: "), failures::toString);
    assertTrue(failures.getFirst().contains("it is broken"), failures::toString);
  }

  @Test
  void everyEventAndFieldSaysWhatItIs() {
    try (var small = new SmallStore(4, 8, BACK, EngineSettings.DEFAULT)) {
      small.put(keys(1, 4));
    }
    List<EventType> types = FlightRecorder.getFlightRecorder()
        .getEventTypes()
        .stream()
        .filter(type -> type.getName().startsWith("io.pagoda."))
        .toList();
    assertFalse(types.isEmpty());
    for (EventType type : types) {
      String name = type.getName().substring("io.pagoda.".length());
      assertTrue(NAMES.contains(name) || name.equals(USAGE), name);
      assertEquals(List.of("Pagoda"), type.getCategoryNames());
      assertFalse(type.getLabel().isEmpty() || type.getDescription().isEmpty(), type.getName());
      type.getFields()
          .forEach(
              field -> assertFalse(
                  field.getLabel() == null, type.getName() + "." + field.getName()));
    }
  }
}
