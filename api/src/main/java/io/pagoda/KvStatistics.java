package io.pagoda;

import java.util.List;
import java.util.Map;

/**
 * What a {@link KvCache} was asked for since it was opened.
 *
 * @param namespaces by namespace, for as many as it keeps apart, in the order of their first use
 * @param others all other namespaces together
 */
public record KvStatistics(List<Row> namespaces, Row others) {
  /** Copies the rows. */
  public KvStatistics {
    namespaces = List.copyOf(namespaces);
  }

  /**
   * What was asked for in one namespace. Only whole blocks within the masks count.
   *
   * @param namespace which; of the others the shared one, whose own row is the first
   * @param requests how many matches and fetches
   * @param asked how many tokens they asked for
   * @param hits how many of these were found, by the hottest tier that held them
   * @param stored how many tokens were newly stored
   */
  public record Row(
      Namespace namespace, long requests, long asked, Map<String, Long> hits, long stored) {
    /** Copies the hits. */
    public Row {
      hits = Map.copyOf(hits);
    }

    /** {@return which share of the tokens asked for was found, from 0 to 1; 0 if none was asked} */
    public double hitRatio() {
      long found = hits.values().stream().mapToLong(Long::longValue).sum();
      return asked == 0 ? 0 : (double) found / asked;
    }
  }
}
