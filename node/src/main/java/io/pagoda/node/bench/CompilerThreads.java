package io.pagoda.node.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The threads of the JVM's compilers, which come and go. Each thread is asked its name once. */
final class CompilerThreads {
  private static final Path TASKS = Path.of("/proc/self/task");

  private final Map<String, Boolean> known = new HashMap<>();

  /** {@return how many nanoseconds each that there is has had on a processor} */
  Map<String, Long> nanos() {
    Map<String, Long> nanos = new HashMap<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        String thread = task.getFileName().toString();
        if (known.computeIfAbsent(thread, _ -> name(task).matches("C[12] Compiler.*"))) {
          nanos.put(thread, CpuClockNative.of(Integer.parseInt(thread)));
        }
      }
    } catch (IOException _) {
      return Map.of();
    }
    return nanos;
  }

  /** {@return how many nanoseconds they have had since; one that has ended has had none} */
  long since(Map<String, Long> before) {
    return nanos().entrySet()
        .stream()
        .mapToLong(thread -> thread.getValue() - before.getOrDefault(thread.getKey(), 0L))
        .sum();
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException _) {
      return ""; // it has ended meanwhile
    }
  }
}
