package io.pagoda.core.graph;

/** Which blocks a colder tier takes. */
public enum Admission {
  /** Every block that comes its way. */
  ALL,
  /**
   * Those that were used again since they were stored first. What is used only once, most of what
   * there is, costs the tier neither room nor wear.
   */
  SECOND_TOUCH
}
