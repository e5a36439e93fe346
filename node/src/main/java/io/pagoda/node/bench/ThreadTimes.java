package io.pagoda.node.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long the threads of this process have been running, the JVM's own too, as Linux counts it.
 *
 * @param nanos by the threads' names without their numbers
 */
record ThreadTimes(Map<String, Long> nanos) {
  private static final Path TASKS = Path.of("/proc/self/task");

  /** {@return what was counted until now; nothing where it is not} */
  static ThreadTimes now() {
    Map<String, Long> nanos = new TreeMap<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        add(nanos, task);
      }
    } catch (IOException _) {
      return new ThreadTimes(Map.of());
    }
    return new ThreadTimes(nanos);
  }

  private static void add(Map<String, Long> nanos, Path task) {
    try {
      String name = Files.readString(task.resolve("comm")).strip().replaceAll("[-#]?\\d+$", "");
      String counted = Files.readString(task.resolve("schedstat"));
      nanos.merge(name, Long.parseLong(counted.split(" ", 2)[0]), Long::sum);
    } catch (IOException _) {
      nanos.merge("ended", 0L, Long::sum); // it has ended meanwhile
    }
  }

  /** {@return the threads that ran longest since, and for how many nanoseconds} */
  Map<String, Long> since(ThreadTimes earlier, int atMost) {
    Map<String, Long> longest = new LinkedHashMap<>();
    nanos.entrySet()
        .stream()
        .map(
            entry -> Map.entry(
                entry.getKey(), entry.getValue() - earlier.nanos.getOrDefault(entry.getKey(), 0L)))
        .filter(entry -> entry.getValue() > 0)
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(atMost)
        .forEach(entry -> longest.put(entry.getKey(), entry.getValue()));
    return longest;
  }
}
