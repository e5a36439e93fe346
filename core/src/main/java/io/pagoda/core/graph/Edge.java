package io.pagoda.core.graph;

/**
 * The road between the hub and a colder tier.
 *
 * @param to the colder tier's name
 * @param write when blocks go down it
 * @param promotion what a fetch leaves in the hub
 * @param admission which blocks go down it
 * @param writePrice what it costs to write a block to the tier, wear included, as a part of what it
 *     costs to compute it anew; 0 to 1, of {@link Admission#EXPECTED_VALUE} alone
 * @param budget how much it may carry
 */
public record Edge(
    String to, WritePolicy write, Promotion promotion, Admission admission, double writePrice,
    Budget budget) {
  /** What the reference configuration says. */
  public static final double WRITE_PRICE = .1;

  /** Checks the price. */
  public Edge {
    if (!(writePrice >= 0 && writePrice <= 1)) {
      throw new IllegalArgumentException("A price of writing is 0 to 1, not " + writePrice);
    }
  }

  /** A road that carries as much as it can. */
  public Edge(
      String to, WritePolicy write, Promotion promotion, Admission admission, double writePrice) {
    this(to, write, promotion, admission, writePrice, Budget.NONE);
  }

  /** A road on which writing has the usual price. */
  public Edge(String to, WritePolicy write, Promotion promotion, Admission admission) {
    this(to, write, promotion, admission, WRITE_PRICE);
  }

  /** A road for every block. */
  public Edge(String to, WritePolicy write, Promotion promotion) {
    this(to, write, promotion, Admission.ALL);
  }
}
