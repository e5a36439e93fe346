package io.pagoda.node.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The most memory of this process that was resident at once. */
final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String FIELD = "VmHWM:";

  private PeakMemory() {}

  /** {@return bytes, or nothing on an operating system that does not say} */
  static Optional<Long> residentBytes() {
    if (!Files.isReadable(STATUS)) {
      return Optional.empty();
    }
    try (var lines = Files.lines(STATUS)) {
      return lines.filter(line -> line.startsWith(FIELD)).findFirst().map(PeakMemory::bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + STATUS, e);
    }
  }

  /** Such as "VmHWM: 123456 kB", with a tab. */
  private static long bytes(String line) {
    String kibibytes = line.substring(FIELD.length()).replace("kB", "").strip();
    return Long.parseLong(kibibytes) << 10;
  }
}
