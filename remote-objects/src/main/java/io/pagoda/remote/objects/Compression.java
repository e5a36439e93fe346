package io.pagoda.remote.objects;

import java.util.Arrays;
import java.util.Optional;

/** How blocks are made smaller. */
public enum Compression {
  /** Not at all. */
  NONE(0),
  /** LZ4: fast. */
  LZ4(1),
  /** Zstandard: smaller. */
  ZSTD(2);

  private final int number;

  Compression(int number) {
    this.number = number;
  }

  /** {@return its number in objects} */
  byte number() {
    return (byte) number;
  }

  static Optional<Compression> of(int number) {
    return Arrays.stream(values()).filter(one -> one.number == number).findFirst();
  }
}
