package io.pagoda.core.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.ByteSize;
import io.pagoda.Namespace;
import io.pagoda.StoreStatistics.Trace;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TraceWriterTest {
  @TempDir Path directory;

  private TraceSettings settings(ByteSize rotateSize, int files, Duration flush) {
    return new TraceSettings(directory.resolve("trace.jsonl"), rotateSize, files, flush);
  }

  private static TraceWriter writer(TraceSettings settings, TraceFiles.Opener opener)
      throws IOException {
    var writer = new TraceWriter(
        settings, TraceFiles.open(settings, part -> new Json().field("part", part).line(), opener));
    writer.start();
    return writer;
  }

  private static BlockKeys keys(int count) {
    long[] words = new long[2 * count];
    for (int i = 0; i < words.length; i++) {
      words[i] = i * 0x9E3779B97F4A7C15L;
    }
    return BlockKeys.ofWords(words);
  }

  private List<String> lines(int number) throws IOException {
    return Files.readAllLines(TraceFiles.numbered(directory.resolve("trace.jsonl"), number));
  }

  @Test
  void writesEveryKindOfLine() throws IOException {
    TraceWriter writer =
        writer(settings(ByteSize.ofMebibytes(1), 1, Duration.ofMillis(1)), Files::newOutputStream);
    var odd = Namespace.of("a\"b\\c", "\u0001\u00e4\ud83d\ude00");
    var key = BlockKeys.ofWords(new long[] {0x0102030405060708L, -1});
    writer.add(new TraceLine.Matched(0, 5, key, 1, List.of(1, 0), 7));
    writer.add(new TraceLine.Put(1, 6, BlockKeys.ofWords(new long[0]), odd));
    writer.add(new TraceLine.Fetched(2, 7, List.of(0L, 1L), List.of(3, 4)));
    writer.close();
    assertEquals(
        List.of(
            "{\"part\":0}",
            "{\"op\":\"match\",\"n\":0,\"at\":5,\"found\":1,\"tiers\":[1,0],\"us\":7,"
                + "\"keys\":\"AQIDBAUGBwj__________w\"}",
            "{\"op\":\"put\",\"n\":1,\"at\":6,\"namespace\":[\"a\\\"b\\\\c\","
                + "\"\\u0001\u00e4\\ud83d\\ude00\"],\"keys\":\"\"}",
            "{\"op\":\"fetch\",\"n\":2,\"at\":7,\"matches\":[0,1],\"blocks\":[3,4]}"),
        lines(0));
    assertEquals(new Trace(3, 0, ""), writer.statistics());
  }

  @Test
  void aLineWaitsNoLongerThanItMay() throws IOException {
    TraceWriter writer =
        writer(settings(ByteSize.ofMebibytes(1), 1, Duration.ofMillis(20)), Files::newOutputStream);
    writer.add(new TraceLine.Closed(0, 1));
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (lines(0).size() < 2) {
      assertTrue(System.nanoTime() < deadline, "the line is not written");
      Thread.onSpinWait();
    }
    writer.close();
    writer.close();
  }

  @Test
  void partsAreNumberedAndTheOldestGoes() throws IOException {
    Files.writeString(directory.resolve("trace.jsonl"), "of another run\n");
    var settings = settings(ByteSize.ofKibibytes(64), 3, Duration.ofMillis(1));
    TraceWriter writer = writer(settings, Files::newOutputStream);
    for (int i = 0; i < 64; i++) {
      writer.add(new TraceLine.Matched(i, i, keys(512), 0, List.of(), 0));
    }
    writer.close();
    List<String> all = new ArrayList<>();
    int last = 0;
    for (int number = 2; number >= 0; number--) {
      List<String> part = lines(number);
      int which = Integer.parseInt(part.getFirst().replaceAll("\\D", ""));
      assertTrue(number == 2 || which == last + 1, "parts follow each other");
      last = which;
      all.addAll(part.subList(1, part.size()));
      long size = Files.size(TraceFiles.numbered(settings.file(), number));
      assertTrue(size <= settings.rotateSize().bytes(), "a part of " + size + " bytes");
    }
    assertTrue(last > 5, "parts: " + last);
    assertFalse(Files.exists(TraceFiles.numbered(settings.file(), 3)));
    for (int i = 0; i < all.size(); i++) {
      long number = 64L - all.size() + i;
      assertTrue(all.get(i).startsWith("{\"op\":\"match\",\"n\":" + number + ","), all.get(i));
    }
    assertEquals(new Trace(64, 0, ""), writer.statistics());
  }

  @Test
  void whatIsThereOfAnotherRunIsKeptAsAnOlderPart() throws IOException {
    Files.writeString(directory.resolve("trace.jsonl"), "of another run\n");
    writer(settings(ByteSize.ofMebibytes(1), 2, Duration.ofMillis(1)), Files::newOutputStream)
        .close();
    assertEquals(List.of("of another run"), lines(1));
  }

  /** A disk that is full after its first bytes. */
  @Test
  void aFailureEndsTheTraceAndNothingElse() throws IOException {
    TraceWriter writer =
        writer(settings(ByteSize.ofMebibytes(1), 1, Duration.ofMillis(1)), _ -> new OutputStream() {
          private int written;

          @Override
          public void write(int b) throws IOException {
            if (written++ > 2000) {
              throw new IOException("the disk is full");
            }
          }
        });
    long deadline = System.nanoTime() + 30_000_000_000L;
    long added = 0;
    while (writer.statistics().failure().isEmpty()) {
      assertTrue(System.nanoTime() < deadline, "no failure");
      writer.add(new TraceLine.Closed(added++, 1));
    }
    writer.add(new TraceLine.Closed(added++, 1));
    writer.close();
    Trace trace = writer.statistics();
    assertTrue(trace.failure().contains("the disk is full"), trace.failure());
    assertTrue(trace.dropped() > 0);
  }

  /** A disk that hangs: callers go on, lines are dropped, and the trace says how many. */
  @Test
  @Timeout(120)
  void aFullQueueDropsLinesAndSaysSo() throws Exception {
    var stuck = new CountDownLatch(1);
    var blocked = new CountDownLatch(1);
    var settings = settings(ByteSize.ofMebibytes(999), 1, Duration.ofMillis(1));
    TraceWriter writer = writer(settings, file -> new OutputStream() {
      private final OutputStream out = Files.newOutputStream(file);
      private boolean first = true;

      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        if (!first) {
          blocked.countDown();
          awaitQuietly(stuck);
        }
        first = false;
        out.write(bytes, from, length);
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    });
    writer.add(new TraceLine.Closed(0, 1));
    blocked.await();
    BlockKeys keys = keys(512);
    int added = 1;
    while (writer.statistics().dropped() < 100) {
      writer.add(new TraceLine.Matched(added++, 1, keys, 0, List.of(), 0)); // though it is stuck
    }
    assertTrue(added < 10_000, "the queue is bounded, and took " + added);
    stuck.countDown();
    writer.close();
    List<String> lines = lines(0);
    long dropped = writer.statistics().dropped();
    assertEquals(100, dropped);
    assertEquals(
        dropped,
        lines.stream()
            .filter(line -> line.startsWith("{\"op\":\"dropped\""))
            .mapToLong(line -> Long.parseLong(line.replaceAll(".*\"lines\":(\\d+).*", "$1")))
            .sum());
    assertEquals(added, lines.size() - 2 + dropped);
  }

  private static void awaitQuietly(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
