package io.pagoda.core.key;

import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
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
  /** Changes whenever the same model's blocks are laid out otherwise. */
  static final int LAYOUT = 1;

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

  /**
   * Returns the fingerprint of a model whose geometry is known.
   *
   * @param model all of which is part of the fingerprint
   */
  public static ModelFingerprint of(ModelSpec model) {
    var facts = new TreeMap<String, String>();
    facts.put("model", model.name());
    facts.put("layout", Integer.toString(LAYOUT));
    facts.put("tokens-per-block", Integer.toString(model.tokensPerBlock()));
    facts.put("tensor-parallel", Integer.toString(model.tensorParallel()));
    List<LayerGroup> groups = model.groups();
    for (int i = 0; i < groups.size(); i++) {
      add(facts, "group[%05d].".formatted(i), groups.get(i));
    }
    return new ModelFingerprint(facts);
  }

  private static void add(SortedMap<String, String> facts, String prefix, LayerGroup group) {
    facts.put(prefix + "layers", Integer.toString(group.layers()));
    facts.put(prefix + "kv-heads", Integer.toString(group.kvHeads()));
    facts.put(prefix + "head-size", Integer.toString(group.headSize()));
    facts.put(prefix + "mla", Boolean.toString(group.shared()));
    facts.put(prefix + "dtype", group.type().name().toLowerCase(Locale.ROOT));
    facts.put(prefix + "tokens-per-entry", Integer.toString(group.tokensPerEntry()));
  }

  /** {@return this fingerprint with one more fact, or with another value for it} */
  public ModelFingerprint with(String name, String value) {
    var more = new TreeMap<>(facts);
    more.put(name, value);
    return new ModelFingerprint(more);
  }
}
