package io.pagoda.core.model;

import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;

/** Reads layers of one geometry. */
public final class Layers {
  private Layers() {}

  /**
   * Reads a group of layers: {@code layers}, {@code kv-heads}, {@code head-size} and, if they are
   * written, {@code mla}, {@code dtype} and {@code tokens-per-entry}.
   *
   * @param usual what an element is stored as where that is not written
   */
  public static LayerGroup read(Settings settings, ElementType usual) {
    boolean shared = settings.has("mla") && settings.flag("mla");
    int layers = positive(settings, "layers");
    int heads = shared ? sharedHeads(settings) : positive(settings, "kv-heads");
    return new LayerGroup(
        layers, heads, positive(settings, "head-size"), shared,
        settings.has("dtype") ? settings.choice("dtype", ElementType.class) : usual,
        settings.has("tokens-per-entry") ? positive(settings, "tokens-per-entry") : 1);
  }

  private static int sharedHeads(Settings settings) {
    if (settings.has("kv-heads") && settings.integer("kv-heads") != 1) {
      throw new SettingsException(
          "%s: keys and values that are one latent (mla) have 1 head, not %d; head-size is then %s"
              .formatted(
                  settings.origin("kv-heads"), settings.integer("kv-heads"),
                  "kv_lora_rank + qk_rope_head_dim"));
    }
    return 1;
  }

  private static int positive(Settings settings, String key) {
    int value = settings.integer(key);
    if (value < 1) {
      throw new SettingsException(
          "%s must be at least 1, not %d".formatted(settings.origin(key), value));
    }
    return value;
  }
}
