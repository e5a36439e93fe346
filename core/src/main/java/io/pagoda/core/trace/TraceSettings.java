package io.pagoda.core.trace;

import io.pagoda.ByteSize;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where a request trace goes.
 *
 * @param file its newest part; older ones are beside it, with {@code .1}, {@code .2} and so on
 * @param rotateSize how large a part gets, at least 64 KiB
 * @param files how many parts are kept, at least 1
 * @param flush how long a line waits at most before it is written, at least 1 ms
 */
public record TraceSettings(Path file, ByteSize rotateSize, int files, Duration flush) {
  private static final ByteSize SMALLEST = ByteSize.ofKibibytes(64);

  /** Checks the values. */
  public TraceSettings {
    if (rotateSize.compareTo(SMALLEST) < 0) {
      throw new IllegalArgumentException(
          "rotate-size is at least %s, not %s".formatted(SMALLEST, rotateSize));
    }
    if (files < 1) {
      throw new IllegalArgumentException("files is at least 1, not " + files);
    }
    if (flush.toMillis() < 1) {
      throw new IllegalArgumentException("flush is at least 1 ms, not " + flush);
    }
  }
}
