package io.pagoda.tier.ssd;

import io.pagoda.ByteSize;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;

/**
 * How batches are cut into operations.
 *
 * @param alignment what file positions, memory addresses and lengths must be multiples of, in
 *     bytes: a power of two
 * @param ioBytes how long an operation is at most, a multiple of the alignment
 * @param bounceBytes how long a bounce buffer is, a multiple of the alignment
 * @param bounces how many bounce buffers there are at most
 * @param queueDepth how many operations are in flight at most
 * @param pace how much is written, and how long an answer is awaited
 * @param registers whether the hub's memory is registered with rings
 */
record IoShape(
    int alignment, int ioBytes, int bounceBytes, int bounces, int queueDepth, Pace pace,
    boolean registers) {
  private static final int IO_BYTES = 8 << 20;
  private static final int MOST_IO_BYTES = 1 << 30;

  private static final int BOUNCE_BYTES = 256 << 10;
  private static final int BOUNCES = 32;

  IoShape {
    if (Integer.bitCount(alignment) != 1
        || ioBytes < alignment
        || ioBytes % alignment != 0
        || bounceBytes < alignment
        || bounceBytes % alignment != 0
        || bounces < 1
        || queueDepth < 1) {
      throw new IllegalArgumentException(
          "alignment=%d ioBytes=%d bounceBytes=%d bounces=%d queueDepth=%d"
              .formatted(alignment, ioBytes, bounceBytes, bounces, queueDepth));
    }
  }

  /** A shape with the pace of a tier whose settings say nothing of it. */
  IoShape(int alignment, int ioBytes, int bounceBytes, int bounces, int queueDepth) {
    this(alignment, ioBytes, bounceBytes, bounces, queueDepth, Pace.DEFAULT, true);
  }

  /** {@return the same at another pace} */
  IoShape at(Pace other) {
    return new IoShape(alignment, ioBytes, bounceBytes, bounces, queueDepth, other, registers);
  }

  /**
   * {@return the shape of one of several that share a queue's depth and a budget}
   *
   * @param count how many there are
   * @param part of the budget, up to 1
   */
  IoShape share(int count, double part) {
    return new IoShape(
        alignment, ioBytes, bounceBytes, bounces, Math.ceilDiv(queueDepth, count), pace.share(part),
        registers);
  }

  /** {@return the shape that suits {@code settings}} */
  static IoShape of(SsdSettings settings) {
    return new IoShape(
        settings.alignment(), IO_BYTES, BOUNCE_BYTES, BOUNCES, settings.queueDepth());
  }

  /** {@return the shape that suits {@code settings}, and what else a tier's settings say} */
  static IoShape of(SsdSettings settings, Settings all) {
    long ioBytes = all.bytes("request-size").bytes();
    if (ioBytes < SsdSettings.DIRECT_ALIGNMENT
        || ioBytes > MOST_IO_BYTES
        || ioBytes % SsdSettings.DIRECT_ALIGNMENT != 0) {
      throw new SettingsException(
          "%s: must be a multiple of 4KiB up to 1GiB, not %s"
              .formatted(all.origin("request-size"), new ByteSize(ioBytes)));
    }
    boolean registers = all.choice("registered-memory", Registering.class) == Registering.AUTO;
    return new IoShape(
        settings.alignment(), (int) ioBytes, BOUNCE_BYTES, BOUNCES, settings.queueDepth(),
        Pace.from(all), registers);
  }

  /** {@return whether {@code bytes}, or several values or-ed together, are multiples} */
  boolean aligned(long bytes) {
    return (bytes & (alignment - 1)) == 0;
  }

  /** {@return the largest multiple that is not above {@code bytes}} */
  long down(long bytes) {
    return bytes & -alignment;
  }

  /** {@return the smallest multiple that is not below {@code bytes}} */
  long up(long bytes) {
    return down(bytes + alignment - 1);
  }
}
