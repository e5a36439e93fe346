package io.pagoda.tier.gpu;

import io.pagoda.tier.gpu.View.Shape;
import java.util.Comparator;
import java.util.List;

/**
 * How fast a device's ways to copy are, and which of them is to be taken.
 *
 * @param rates what was measured, at least one for each way but grids, by way and chunk
 */
record Calibration(List<Rate> rates) {
  /** The ways in the order in which they leave multiprocessors to others. */
  private static final List<CopyPath> FRUGAL =
      List.of(CopyPath.COPY_ENGINE, CopyPath.GRID, CopyPath.STAGED, CopyPath.KERNEL);

  /** Without which nothing can be chosen; not every driver and device was tried with grids. */
  private static final List<CopyPath> NECESSARY =
      List.of(CopyPath.COPY_ENGINE, CopyPath.STAGED, CopyPath.KERNEL);

  /** The same for chunks of which the driver would need too much of the processor. */
  private static final List<CopyPath> FRUGAL_WHERE_SMALL =
      List.of(CopyPath.STAGED, CopyPath.GRID, CopyPath.COPY_ENGINE, CopyPath.KERNEL);

  private static final long SMALL_ROW = 16 << 10;

  /** Bytes of a grid below which a call for each takes longer than its copy. */
  private static final long LEAST_GRID = 512 << 10;

  /** And for chunks that are copied in large grids. */
  private static final List<CopyPath> FRUGAL_IN_GRIDS =
      List.of(CopyPath.GRID, CopyPath.COPY_ENGINE, CopyPath.STAGED, CopyPath.KERNEL);

  /** From which size of grids on a call for each takes less than 2 % of a core. */
  private static final long WORTH_A_GRID = 16 << 20;

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
   * @param chunk bytes of a chunk on the device; of all chunks in a copy, if the way is by grids
   * @param in to the device, in 10<sup>9</sup> bytes per second
   * @param out from the device
   * @param both of both at once, together
   */
  record Rate(CopyPath path, long chunk, double in, double out, double both) {
    /** Returns the better of this and what the same came to another time. */
    Rate orBetter(Rate again) {
      return new Rate(
          path, chunk, Math.max(in, again.in), Math.max(out, again.out),
          Math.max(both, again.both));
    }

    /** {@return large blocks of such chunks, in grids if that is the way} */
    Shape shape() {
      return path == CopyPath.GRID
          ? new Shape(SMALL_ROW, 1 << 30, chunk)
          : new Shape(chunk, 1 << 30, 0);
    }

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
    for (CopyPath path : NECESSARY) {
      if (rates.stream().noneMatch(rate -> rate.path == path)) {
        throw new IllegalArgumentException("Nothing was measured of " + path);
      }
    }
  }

  /** {@return the quickest way of a view, or one as good that leaves more to others} */
  CopyPath best(View view, boolean stages, Way way) {
    return best(view.shape(), stages, way);
  }

  /** {@return the quickest ways of blocks, or ones as good that leave more to others} */
  Choice choice(Shape shape, boolean stages) {
    return new Choice(
        best(shape, stages, Way.IN), best(shape, stages, Way.OUT), best(shape, stages, Way.BOTH));
  }

  /** {@return the quickest way of blocks in no grid, or one as good that leaves more to others} */
  CopyPath best(long chunk, long range, boolean stages, Way way) {
    return best(new Shape(chunk, range, 0), stages, way);
  }

  /**
   * Returns the quickest way, or one as good that leaves more to others.
   *
   * @param shape what blocks look like
   * @param stages whether there are stages to put blocks together in
   * @param way in which direction, or that blocks go both ways
   */
  CopyPath best(Shape shape, boolean stages, Way way) {
    double most = 0;
    for (CopyPath path : FRUGAL) {
      most = Math.max(most, offered(path, shape, stages, way));
    }
    for (CopyPath path : frugal(shape)) {
      if (offered(path, shape, stages, way) >= AS_GOOD * most) {
        return path;
      }
    }
    return CopyPath.KERNEL;
  }

  /** {@return the ways in the order in which they leave the device and the processor to others} */
  private static List<CopyPath> frugal(Shape shape) {
    return shape.grid() >= WORTH_A_GRID
        ? FRUGAL_IN_GRIDS
        : shape.chunk() < WORTH_A_COPY ? FRUGAL_WHERE_SMALL : FRUGAL;
  }

  /** Of the smallest chunks a copy engine would need a core for itself, and seldom be quicker. */
  private double offered(CopyPath path, Shape shape, boolean stages, Way way) {
    boolean dear = switch (path) {
      case COPY_ENGINE -> shape.chunk() < LEAST_ENGINE_CHUNK;
      case GRID -> shape.grid() < LEAST_GRID;
      default -> false;
    };
    long size = path == CopyPath.GRID ? shape.grid() : shape.chunk();
    return dear ? 0 : expected(path, size, shape.range(), stages, way);
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
