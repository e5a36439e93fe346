package io.pagoda.tier.gpu;

import java.util.Comparator;
import java.util.List;

/**
 * How fast a device's ways to copy are, and which of them is to be taken.
 *
 * @param rates what was measured, at least one for each of the three ways, by way and chunk
 */
record Calibration(List<Rate> rates) {
  /** The ways in the order in which they leave multiprocessors to others. */
  private static final List<CopyPath> FRUGAL =
      List.of(CopyPath.COPY_ENGINE, CopyPath.STAGED, CopyPath.KERNEL);

  /** The same for chunks of which the driver would need too much of the processor. */
  private static final List<CopyPath> FRUGAL_WHERE_SMALL =
      List.of(CopyPath.STAGED, CopyPath.COPY_ENGINE, CopyPath.KERNEL);

  /** From which size of chunks on a copy for each takes less than 3 % of a core. */
  private static final long WORTH_A_COPY = 512 << 10;

  /** Below which size of chunks a copy for each would take more than half a core. */
  private static final long LEAST_ENGINE_CHUNK = 32 << 10;

  /**
   * What one H200 did, for devices that nobody could measure (docs/adr/0013-staged-copies.md).
   */
  static final Calibration USUAL = new Calibration(
      List.of(
          new Rate(CopyPath.KERNEL, 4 << 10, 49.5, 50.2, 58.8),
          new Rate(CopyPath.KERNEL, 1 << 20, 50.1, 51.3, 61.0),
          new Rate(CopyPath.STAGED, 4 << 10, 53.5, 53.2, 96.6),
          new Rate(CopyPath.STAGED, 1 << 20, 53.5, 53.4, 97.1),
          new Rate(CopyPath.COPY_ENGINE, 4 << 10, 11.0, 12.8, 12.5),
          new Rate(CopyPath.COPY_ENGINE, 16 << 10, 42.1, 52.9, 47.9),
          new Rate(CopyPath.COPY_ENGINE, 64 << 10, 53.5, 53.4, 80.4),
          new Rate(CopyPath.COPY_ENGINE, 256 << 10, 53.5, 53.4, 93.2),
          new Rate(CopyPath.COPY_ENGINE, 1 << 20, 53.8, 53.6, 97.0)));

  /** What of the best rate a way that keeps fewer multiprocessors busy may miss. */
  private static final double AS_GOOD = 0.98;

  /**
   * How fast chunks of one size go one way.
   *
   * @param path the way
   * @param chunk bytes of a chunk on the device
   * @param in to the device, in 10<sup>9</sup> bytes per second
   * @param out from the device
   * @param both of both at once, together
   */
  record Rate(CopyPath path, long chunk, double in, double out, double both) {
    double of(Way way) {
      return switch (way) {
        case IN -> in;
        case OUT -> out;
        case BOTH -> both;
      };
    }
  }

  /** Which way blocks go, as seen from the device. */
  enum Way {
    IN, OUT, BOTH;

    /** {@return the way of blocks beside which others go the other way, or none} */
    static Way of(boolean toDevice, boolean both) {
      return both ? BOTH : toDevice ? IN : OUT;
    }
  }

  /** Sorts the rates. */
  Calibration {
    rates = rates.stream()
        .sorted(Comparator.comparing(Rate::path).thenComparingLong(Rate::chunk))
        .toList();
    for (CopyPath path : FRUGAL) {
      if (rates.stream().noneMatch(rate -> rate.path == path)) {
        throw new IllegalArgumentException("Nothing was measured of " + path);
      }
    }
  }

  /** {@return the way that {@link #best(long, long, boolean, Way)} says, for a view} */
  CopyPath best(View view, boolean stages, Way way) {
    return best(view.smallestChunk(), view.smallestRange(), stages, way);
  }

  /** {@return whether it matters for a view if blocks go the other way at the same time} */
  boolean depends(View view, boolean stages, boolean toDevice) {
    return best(view, stages, Way.of(toDevice, false)) != best(view, stages, Way.BOTH);
  }

  /**
   * Returns the quickest way, or one as good that leaves more to others.
   *
   * @param chunk bytes of the smallest chunk on the device
   * @param range bytes of the smallest range in host memory, at least as long
   * @param stages whether there are stages to put blocks together in
   * @param way in which direction, or that blocks go both ways
   */
  CopyPath best(long chunk, long range, boolean stages, Way way) {
    double most = 0;
    for (CopyPath path : FRUGAL) {
      most = Math.max(most, offered(path, chunk, range, stages, way));
    }
    for (CopyPath path : chunk < WORTH_A_COPY ? FRUGAL_WHERE_SMALL : FRUGAL) {
      if (offered(path, chunk, range, stages, way) >= AS_GOOD * most) {
        return path;
      }
    }
    return CopyPath.KERNEL;
  }

  /** Of the smallest chunks a copy engine would need a core for itself, and seldom be quicker. */
  private double offered(CopyPath path, long chunk, long range, boolean stages, Way way) {
    boolean dear = path == CopyPath.COPY_ENGINE && chunk < LEAST_ENGINE_CHUNK;
    return dear ? 0 : expected(path, chunk, range, stages, way);
  }

  /** {@return what to expect; what is staged goes no faster than a copy engine takes its ranges} */
  double expected(CopyPath path, long chunk, long range, boolean stages, Way way) {
    if (path != CopyPath.STAGED) {
      return rate(path, chunk, way);
    }
    return stages ? Math.min(rate(path, chunk, way), rate(CopyPath.COPY_ENGINE, range, way)) : 0;
  }

  /**
   * {@return what a way does with chunks of a size, between those measured by the logarithm of the
   * size}
   */
  double rate(CopyPath path, long chunk, Way way) {
    Rate below = null;
    for (Rate rate : rates) {
      if (rate.path == path && rate.chunk >= chunk) {
        return below == null ? rate.of(way) : between(below, rate, chunk, way);
      }
      below = rate.path == path ? rate : below;
    }
    return below == null ? 0 : below.of(way);
  }

  private static double between(Rate below, Rate above, long chunk, Way way) {
    double share =
        Math.log((double) chunk / below.chunk) / Math.log((double) above.chunk / below.chunk);
    return below.of(way) + share * (above.of(way) - below.of(way));
  }
}
