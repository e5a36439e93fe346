package io.pagoda.examples.cases;

import io.pagoda.Connector;
import io.pagoda.Descriptor;
import io.pagoda.OperationTerms;
import io.pagoda.PassiveOperation;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Thousands of operations at once, as one side of them sees it. */
final class Many {
  static final int BYTES = 64;

  private static final Pattern OTHER =
      Pattern.compile("Other \\(reserved=\\w+, committed=(\\d+)\\w*\\)");

  private Many() {}

  /**
   * Exposes memory so many times, half to be read and half to be written to, writes the metadata to
   * a file, and says how often it was complete with all bytes in their place.
   */
  static void expose(Connector connector, Path file, int count, Consumer<String> say) {
    MemorySegment all = Arena.ofAuto().allocate((long) count * BYTES, 64);
    OperationTerms terms = OperationTerms.within(Duration.ofMinutes(5));
    AtomicInteger ends = new AtomicInteger();
    AtomicInteger right = new AtomicInteger();
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < count; i++) {
        int number = i;
        MemorySegment part = all.asSlice((long) i * BYTES, BYTES);
        boolean readable = i % 2 == 0;
        if (readable) {
          Words.fill(part, i + 1);
        }
        List<Descriptor> one = List.of(Descriptor.of(part));
        PassiveOperation made =
            readable ? connector.createReadable(one, terms) : connector.createWritable(one, terms);
        var _ = made.ended().thenAccept(end -> {
          boolean there = end.completed() && Words.mismatch(part, number + 1L) < 0;
          right.addAndGet(there ? 1 : 0);
          if (ends.incrementAndGet() == count) {
            say.accept("complete %s %d".formatted(file, right.get()));
          }
        });
        out.write(made.metadata().toJson());
        out.newLine();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    say.accept("many %s %d".formatted(file, count));
  }

  /** {@return bytes of the heap that are in use after a collection} */
  static long heap() {
    System.gc();
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  /** {@return bytes that a JVM has allocated outside of its heap for those who asked for them} */
  static long allocated(long pid) throws IOException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process asked = new ProcessBuilder(jcmd, Long.toString(pid), "VM.native_memory", "scale=b")
        .redirectErrorStream(true)
        .start();
    String said = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher other = OTHER.matcher(said);
    if (!other.find()) {
      throw new IOException("jcmd tells nothing of native memory: " + said);
    }
    return Long.parseLong(other.group(1));
  }
}
