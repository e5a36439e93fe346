package io.pagoda.core.deploy;

import io.pagoda.core.config.Section;

/**
 * The model whose KV cache a store keeps.
 *
 * @param name what it is called, part of every block's key
 * @param tokensPerBlock how many tokens a block holds, at least 1
 */
public record ModelSettings(String name, int tokensPerBlock) {
  /** Checks the values. */
  public ModelSettings {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a model needs a name");
    }
    if (tokensPerBlock < 1) {
      throw new IllegalArgumentException("a block holds at least 1 token, not " + tokensPerBlock);
    }
  }

  static ModelSettings from(Section model) {
    return new ModelSettings(model.string("name"), model.integer("tokens-per-block"));
  }
}
