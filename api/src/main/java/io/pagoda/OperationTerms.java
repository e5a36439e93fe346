package io.pagoda;

import java.time.Duration;

/**
 * What holds for an operation.
 *
 * @param deadline how long it may take, from now on, connecting and the peer's part included;
 *     longer than zero
 * @param uses how many peers' operations exposed memory is for, at least 1: it is complete when as
 *     many are. Of no meaning for one that begins
 * @param verified whether each stretch is compared with a checksum, behind its whole way: of memory
 *     that peers read, when it is exposed, so it must not change then; of memory that they write,
 *     as it was when they began. It costs one pass at each side, and works for host memory and
 *     what passes through it
 */
public record OperationTerms(Duration deadline, int uses, boolean verified) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is too small
   */
  public OperationTerms {
    if (!deadline.isPositive() || uses < 1) {
      throw new IllegalArgumentException(
          "An operation has a deadline and is for one use at least: deadline=%s uses=%d"
              .formatted(deadline, uses));
    }
  }

  /** {@return terms for one use, not verified} */
  public static OperationTerms within(Duration deadline) {
    return new OperationTerms(deadline, 1, false);
  }

  /** {@return the same, for so many uses} */
  public OperationTerms uses(int number) {
    return new OperationTerms(deadline, number, verified);
  }

  /** {@return the same, verified} */
  public OperationTerms verify() {
    return new OperationTerms(deadline, uses, true);
  }
}
