package io.pagoda;

import java.util.Locale;

/**
 * A number of bytes that knows its unit.
 *
 * @param bytes how many, at least 0
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

  /** Checks the size. */
  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("A size is at least 0 bytes: " + bytes);
    }
  }

  /** {@return a size of {@code kibibytes} × 2<sup>10</sup> bytes} */
  public static ByteSize ofKibibytes(long kibibytes) {
    return new ByteSize(Math.multiplyExact(kibibytes, 1L << 10));
  }

  /** {@return a size of {@code mebibytes} × 2<sup>20</sup> bytes} */
  public static ByteSize ofMebibytes(long mebibytes) {
    return new ByteSize(Math.multiplyExact(mebibytes, 1L << 20));
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  /** {@return the size in the largest binary unit that leaves at least 1, such as "2.5 MiB"} */
  @Override
  public String toString() {
    int unit = bytes == 0 ? 0 : (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    unit = Math.min(unit, UNITS.length - 1);
    long one = 1L << (10 * unit);
    String number = bytes % one == 0
        ? Long.toString(bytes / one)
        : String.format(Locale.ROOT, "%.1f", (double) bytes / one);
    return number + " " + UNITS[unit];
  }
}
