package io.pagoda.core.key;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything about a model and its KV cache that must be equal for two engines to share blocks:
 * weights, data type, layout, block size, parallel shape. Blocks of different fingerprints never
 * have equal keys.
 *
 * @param facts names and values, in the order of the names
 */
public record ModelFingerprint(SortedMap<String, String> facts) {
  /** Copies the facts. */
  public ModelFingerprint {
    facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
  }

  /**
   * Returns the fingerprint of a model of which only a name and a block size are told.
   *
   * @param model the name, which should change whenever the weights do
   * @param blockBytes bytes of a block
   */
  public static ModelFingerprint of(String model, long blockBytes) {
    var facts = new TreeMap<String, String>();
    facts.put("model", model);
    facts.put("block-bytes", Long.toString(blockBytes));
    return new ModelFingerprint(facts);
  }

  /** {@return this fingerprint with one more fact, or with another value for it} */
  public ModelFingerprint with(String name, String value) {
    var more = new TreeMap<>(facts);
    more.put(name, value);
    return new ModelFingerprint(more);
  }
}
