package io.pagoda.tier.cpu;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How much memory a process may still take, as the kernel tells it.
 *
 * @param bytes how much
 * @param source who says so, for people
 */
record MemoryLimit(long bytes, String source) {
  /** What cgroups of version 1 say for "no limit" is this or a little less. */
  private static final long UNLIMITED = Long.MAX_VALUE >> 1;

  /**
   * Returns the tightest of the limits that the machine and the process's cgroups set; none where
   * the kernel tells none.
   *
   * @param root the root directory
   */
  static Optional<MemoryLimit> of(Path root) {
    return Stream.concat(machine(root).stream(), cgroups(root))
        .min(Comparator.comparingLong(MemoryLimit::bytes));
  }

  private static Optional<MemoryLimit> machine(Path root) {
    Path meminfo = root.resolve("proc/meminfo");
    return field(meminfo, "MemAvailable:").stream()
        .mapToObj(kibibytes -> new MemoryLimit(kibibytes << 10, "MemAvailable in " + meminfo))
        .findFirst();
  }

  /** {@return the size of a huge page; 2 MiB where the kernel does not tell} */
  static long hugePageBytes(Path root) {
    return field(root.resolve("proc/meminfo"), "Hugepagesize:").orElse(2048) << 10;
  }

  private static Stream<MemoryLimit> cgroups(Path root) {
    return lines(root.resolve("proc/self/cgroup")).map(line -> line.split(":", 3))
        .filter(fields -> fields.length == 3)
        .flatMap(fields -> cgroup(root.resolve("sys/fs/cgroup"), fields[1], fields[2]));
  }

  private static Stream<MemoryLimit> cgroup(Path mount, String controllers, String path) {
    if (controllers.isEmpty()) {
      return upwards(mount, path, MemoryLimit::version2);
    }
    boolean memory = List.of(controllers.split(",")).contains("memory");
    return memory ? upwards(mount.resolve("memory"), path, MemoryLimit::version1) : Stream.empty();
  }

  /**
   * Reads a cgroup and those that hold it. Inside a container its path may be one that only the
   * host can see: then what is mounted is the cgroup itself.
   */
  private static Stream<MemoryLimit> upwards(
      Path mount, String path, Function<Path, Optional<MemoryLimit>> limit) {
    Path group = mount.resolve(path.substring(1)).normalize();
    return Stream.iterate(group, at -> at != null && at.startsWith(mount), Path::getParent)
        .flatMap(at -> limit.apply(at).stream());
  }

  private static Optional<MemoryLimit> version2(Path group) {
    return left(group.resolve("memory.max"), group.resolve("memory.current"), "inactive_file");
  }

  private static Optional<MemoryLimit> version1(Path group) {
    return left(
        group.resolve("memory.limit_in_bytes"), group.resolve("memory.usage_in_bytes"),
        "total_inactive_file");
  }

  /** {@return what a cgroup's limit leaves, page cache that can be dropped not counted as used} */
  private static Optional<MemoryLimit> left(Path limit, Path usage, String droppable) {
    OptionalLong most = number(limit);
    OptionalLong used = number(usage);
    if (most.isEmpty() || used.isEmpty() || most.getAsLong() > UNLIMITED) {
      return Optional.empty();
    }
    long cache = field(limit.resolveSibling("memory.stat"), droppable).orElse(0);
    long left = most.getAsLong() - Math.max(0, used.getAsLong() - cache);
    return Optional.of(new MemoryLimit(Math.max(0, left), "what is left of " + limit));
  }

  private static OptionalLong number(Path file) {
    return lines(file).filter(line -> line.matches("\\d{1,19}"))
        .mapToLong(MemoryLimit::saturated)
        .findFirst();
  }

  /** {@return the number after {@code name} in a file of names and numbers} */
  private static OptionalLong field(Path file, String name) {
    return lines(file).map(line -> line.trim().split("\\s+"))
        .filter(words -> words.length > 1 && words[0].equals(name))
        .mapToLong(words -> saturated(words[1]))
        .findFirst();
  }

  private static long saturated(String digits) {
    var number = new BigInteger(digits);
    return number.bitLength() > 63 ? Long.MAX_VALUE : number.longValue();
  }

  /** {@return the lines of a file that the kernel may not have} */
  private static Stream<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file).stream() : Stream.empty();
    } catch (IOException e) {
      return Stream.empty(); // gone by now, or not for us to read: it sets no limit that we know
    }
  }
}
