package io.pagoda;

import io.pagoda.Ending.Cause;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Why a request does not find more than it does.
 *
 * @param held which tokens it finds
 * @param missing the first token of whole blocks that it does not find; the number of tokens if it
 *     finds all
 * @param cause what became of the block that starts there
 * @param tier where that happened; empty if nowhere in particular
 * @param elsewhere under which other names the store holds more of the same tokens
 */
public record KvMiss(
    TokenMask held, int missing, Cause cause, String tier, List<Elsewhere> elsewhere) {
  /** Copies the list. */
  public KvMiss {
    elsewhere = List.copyOf(elsewhere);
  }

  /**
   * The same tokens under another name.
   *
   * @param namespace the namespace that has them
   * @param model the model that has them; empty if it is the one that was asked for
   * @param tokens how many leading tokens it has
   * @param advice what would make the request find them
   */
  public record Elsewhere(Namespace namespace, String model, int tokens, String advice) {
    @Override
    public String toString() {
      return "%s of %s hold %d of the same tokens: %s".formatted(
          namespace.parts().isEmpty() ? "the shared namespace" : "namespace " + namespace.parts(),
          model.isEmpty() ? "this model" : "model '" + model + "'", tokens, advice);
    }
  }

  /** {@return why, and what would help, in words} */
  public String text() {
    String what = cause == Cause.COMPLETE
        ? "Every whole block is held"
        : "The block at token %d %s".formatted(missing, became());
    String other = elsewhere.stream().map(e -> "; " + e).collect(Collectors.joining());
    return "%d tokens are found (%s). %s%s".formatted(held.count(), held, what, other);
  }

  private String became() {
    String by = tier.isEmpty() ? "" : " by tier '" + tier + "'";
    return switch (cause) {
      case COMPLETE -> "is held";
      case NEVER_STORED -> "was never stored under this name, as far as the store remembers";
      case NOT_READY -> "is being stored now: ask again in a moment";
      case EVICTED -> "was evicted" + by + ": a larger tier would have kept it";
      case OVER_QUOTA -> "was evicted" + by + " because its namespace has reached its quota";
      case OUTLIVED -> "was not used for as long as its namespace lets blocks live";
      case LOST -> "was lost" + by + ": see its errors";
      case CORRUPT -> "came back with other bytes than were stored" + by + " and was dropped";
    };
  }
}
