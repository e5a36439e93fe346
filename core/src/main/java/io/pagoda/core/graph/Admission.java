package io.pagoda.core.graph;

/** Which blocks a colder tier takes. */
public enum Admission {
  /** Every block that comes its way. */
  ALL,
  /**
   * Those that were used again since they were stored first. What is used only once, most of what
   * there is, costs the tier neither room nor wear.
   */
  SECOND_TOUCH,
  /**
   * Those that were used again, and of the others those that are worth a write: by how many blocks
   * as deep in their prefix were used again of late, and what that spares. Blocks with which a
   * request ended are told apart.
   */
  EXPECTED_VALUE
}
