package io.pagoda.node;

import io.pagoda.ModelSpec;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ModelSettings;
import io.pagoda.spi.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A model as the command line tells it: a preset, a {@code config.json}, or keys of {@code
 * pagoda.model} such as {@code layers=32,kv-heads=8,head-size=128,dtype=bf16,tp=2}.
 *
 * @param text what is written
 */
record ModelOption(String text) {
  private static final String MODEL = "pagoda.model.";

  /**
   * Reads it.
   *
   * @throws SettingsException if it makes no model
   */
  ModelSpec spec(int tokensPerBlock) {
    Overrides overrides = told().set(MODEL + "tokens-per-block", Integer.toString(tokensPerBlock));
    PagodaConfig config = PagodaConfig.load(Optional.empty(), overrides);
    return ModelSettings.of(config)
        .spec()
        .orElseThrow(
            () -> new SettingsException(
                "--model %s does not tell what the layers are: give %s"
                    .formatted(text, "layers, kv-heads and head-size, or a preset")));
  }

  private Overrides told() {
    if (text.contains("=")) {
      return pairs();
    }
    boolean file = text.endsWith(".json") || Files.isRegularFile(Path.of(text));
    return Overrides.NONE.set(MODEL + (file ? "from" : "preset"), text);
  }

  private Overrides pairs() {
    Overrides overrides = Overrides.NONE;
    for (String pair : text.split(",", -1)) {
      String[] parts = pair.split("=", 2);
      String key = parts[0].strip();
      if (parts.length == 1 && !key.equals("mla")) {
        throw new SettingsException(
            "--model %s: '%s' is no KEY=VALUE, such as layers=32".formatted(text, pair));
      }
      overrides = overrides.set(
          MODEL + (key.equals("tp") ? "tensor-parallel" : key),
          parts.length == 1 ? "true" : parts[1].strip());
    }
    return overrides;
  }
}
