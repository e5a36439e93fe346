package io.pagoda.core.model;

import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import io.pagoda.core.config.Documents;
import io.pagoda.core.config.Section;
import io.pagoda.spi.SettingsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the {@code config.json} that a model has on Hugging Face. Of a model of several parts it is
 * the language model's, {@code text_config}.
 */
public final class HuggingFaceConfig {
  private static final String TYPE = "torch_dtype";
  private static final List<String> LAYER_TYPES = List.of("layer_types", "layers_block_type");
  private static final Set<String> ATTENTION =
      Set.of("full_attention", "sliding_attention", "chunked_attention", "attention");

  /** Keys of models whose layers cache more, or less, than the other keys say. */
  private static final List<String> STRANGE =
      List.of("index_head_dim", "ssm_state_size", "mamba_d_state", "linear_num_value_heads");

  private final Section root;
  private final Section text;

  private HuggingFaceConfig(Section root) {
    this.root = root;
    this.text = root.has("text_config") ? root.section("text_config") : root;
  }

  /**
   * Reads a file.
   *
   * @param file a {@code config.json}
   * @param type what an element of the KV cache is stored as, if not as the weights are
   * @throws SettingsException if the file cannot be read, lacks what is needed, or is of a model
   *     whose layers do not all keep keys and values of every token
   */
  public static Architecture read(Path file, Optional<ElementType> type) {
    return new HuggingFaceConfig(Documents.json(file, "model")).architecture(type);
  }

  private Architecture architecture(Optional<ElementType> type) {
    refuseStrangers();
    int layers = text.integer("num_hidden_layers");
    ElementType stored = type.orElseGet(this::type);
    return new Architecture(name(), List.of(group(layers, stored)));
  }

  private LayerGroup group(int layers, ElementType type) {
    if (text.has("kv_lora_rank")) {
      int latent = text.integer("kv_lora_rank") + text.integer("qk_rope_head_dim");
      return LayerGroup.shared(layers, latent, type);
    }
    int heads = text.integer("num_attention_heads");
    int kvHeads = text.has("num_key_value_heads") ? text.integer("num_key_value_heads") : heads;
    return LayerGroup.separate(layers, kvHeads, headSize(heads), type);
  }

  private int headSize(int heads) {
    if (text.has("head_dim")) {
      return text.integer("head_dim");
    }
    int hidden = text.integer("hidden_size");
    if (heads < 1 || hidden % heads != 0) {
      throw new SettingsException(
          "%s = %d is not a multiple of %d attention heads, and there is no head_dim"
              .formatted(text.origin("hidden_size"), hidden, heads));
    }
    return hidden / heads;
  }

  private String name() {
    return root.has("_name_or_path") ? root.string("_name_or_path").strip() : "";
  }

  private ElementType type() {
    for (Section section : List.of(text, root)) {
      for (String key : List.of("dtype", TYPE)) {
        if (section.has(key)) {
          return type(section, key);
        }
      }
    }
    throw new SettingsException(
        "%s is missing, so the data type is not known: say dtype, such as bf16"
            .formatted(text.origin(TYPE)));
  }

  private static ElementType type(Section section, String key) {
    String word = section.string(key);
    return switch (word) {
      case "bfloat16" -> ElementType.BF16;
      case "float16", "half" -> ElementType.FP16;
      case "float32", "float" -> ElementType.FP32;
      case "float8_e4m3fn", "float8_e5m2" -> ElementType.FP8;
      case "int8" -> ElementType.INT8;
      default -> throw new SettingsException(
          "%s = %s is not a data type that is known here: say dtype, such as bf16"
              .formatted(section.origin(key), word));
    };
  }

  private void refuseStrangers() {
    for (String key : STRANGE) {
      if (text.has(key)) {
        throw stranger(text.origin(key), "such a model caches other things than keys and values");
      }
    }
    for (String key : LAYER_TYPES) {
      if (text.has(key)) {
        text.strings(key)
            .stream()
            .filter(type -> !ATTENTION.contains(type))
            .findFirst()
            .ifPresent(type -> {
              throw stranger(
                  text.origin(key),
                  "a layer of type '%s' caches no keys and values".formatted(type));
            });
      }
    }
  }

  private static SettingsException stranger(String origin, String why) {
    return new SettingsException(
        "%s: %s; say what its layers cache by groups = [ … ]".formatted(origin, why));
  }
}
