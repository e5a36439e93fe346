package io.pagoda.node.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How long each thread of this process has had a processor, in user code and in the kernel on its
 * behalf. Threads of the JVM and workers of the kernel's io_uring are threads like the others; one
 * that has ended is not.
 *
 * @param nanos by number and name of the thread, of which the kernel keeps 15 letters
 */
record CpuTimes(Map<String, Long> nanos) {
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final Path OWN = Path.of("/proc/thread-self");

  /** {@return the times now, but for the calling thread's, which this changes} */
  static CpuTimes ofOthers() {
    String own = own();
    Map<String, Long> nanos = new HashMap<>();
    for (Path task : tasks()) {
      if (task.endsWith(own)) {
        continue;
      }
      nanos(task).ifPresent(time -> nanos.put(task.getFileName() + " " + name(task), time));
    }
    return new CpuTimes(nanos);
  }

  /** {@return what threads have had since {@code before} whose names begin with a prefix} */
  long since(CpuTimes before, String prefix) {
    return nanos.entrySet()
        .stream()
        .filter(thread -> thread.getKey().contains(" " + prefix))
        .mapToLong(thread -> thread.getValue() - before.nanos.getOrDefault(thread.getKey(), 0L))
        .sum();
  }

  private static String own() {
    try {
      return Files.readSymbolicLink(OWN).getFileName().toString();
    } catch (IOException _) {
      return "none";
    }
  }

  private static List<Path> tasks() {
    try (Stream<Path> tasks = Files.list(TASKS)) {
      return tasks.toList();
    } catch (IOException _) {
      return List.of();
    }
  }

  private static Optional<Long> nanos(Path task) {
    return read(task.resolve("schedstat")).map(times -> Long.valueOf(times.split(" ", 2)[0]));
  }

  private static String name(Path task) {
    return read(task.resolve("comm")).orElse("");
  }

  /** {@return what a file says, or nothing if its thread has ended meanwhile} */
  private static Optional<String> read(Path file) {
    try {
      return Optional.of(Files.readString(file).strip());
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
