package io.pagoda.core.graph;

/**
 * The road between the hub and a colder tier.
 *
 * @param to the colder tier's name
 * @param write when blocks go down it
 * @param promotion what a fetch leaves in the hub
 * @param admission which blocks go down it
 */
public record Edge(String to, WritePolicy write, Promotion promotion, Admission admission) {
  /** A road for every block. */
  public Edge(String to, WritePolicy write, Promotion promotion) {
    this(to, write, promotion, Admission.ALL);
  }
}
