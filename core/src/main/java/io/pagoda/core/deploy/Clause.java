package io.pagoda.core.deploy;

/**
 * A sentence of a contract, and whether a part keeps it.
 *
 * @param name what is promised, as a test is called
 * @param verdict whether it is kept
 * @param reason why it is not, or why nobody asked; otherwise empty
 */
public record Clause(String name, Verdict verdict, String reason) {
  /** Whether a sentence is kept. */
  public enum Verdict {
    /** The part did what is promised. */
    KEPT,
    /** It did not. */
    BROKEN,
    /** The sentence is about what this part does not claim to do. */
    NOT_ASKED
  }
}
