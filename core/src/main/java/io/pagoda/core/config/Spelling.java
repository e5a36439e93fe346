package io.pagoda.core.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that was meant. */
public final class Spelling {
  private static final int MOST_SLIPS = 2;

  private Spelling() {}

  /** Returns the known word nearest to {@code word}, if one is near; of two, one as long. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    return known.stream()
        .filter(candidate -> slips(word, candidate) <= Math.min(MOST_SLIPS, word.length() / 2))
        .min(
            Comparator.comparingInt((String candidate) -> slips(word, candidate))
                .thenComparingInt(candidate -> Math.abs(candidate.length() - word.length())));
  }

  /** Counts the letters to insert, remove or change until one word is the other. */
  private static int slips(String one, String other) {
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      nextRow(row, i, one.charAt(i - 1), other);
    }
    return row[other.length()];
  }

  private static void nextRow(int[] row, int i, char letter, String other) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j < row.length; j++) {
      int changed = diagonal + (letter == other.charAt(j - 1) ? 0 : 1);
      diagonal = row[j];
      row[j] = Math.min(changed, Math.min(row[j], row[j - 1]) + 1);
    }
  }
}
