package io.pagoda.core.deploy;

import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.config.Spelling;
import io.pagoda.core.key.ModelFingerprint;
import io.pagoda.core.model.Architecture;
import io.pagoda.core.model.HuggingFaceConfig;
import io.pagoda.core.model.Layers;
import io.pagoda.core.model.Presets;
import io.pagoda.spi.SettingsException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The model whose KV cache a store keeps.
 *
 * @param name what it is called, part of every block's key
 * @param tokensPerBlock how many tokens a block holds, a power of two
 * @param spec its geometry, if the configuration tells it
 */
public record ModelSettings(String name, int tokensPerBlock, Optional<ModelSpec> spec) {
  private static final String PRESET = "preset";
  private static final List<String> OF_LAYERS = List.of("layers", "kv-heads", "head-size");

  /** Checks the values. */
  public ModelSettings {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a model needs a name");
    }
    if (!mayHold(tokensPerBlock)) {
      throw new IllegalArgumentException("tokensPerBlock is a power of two, not " + tokensPerBlock);
    }
  }

  /**
   * Reads what a configuration says of its model.
   *
   * @throws SettingsException if that makes no model, or if a key is unknown
   */
  public static ModelSettings of(PagodaConfig config) {
    Section root = config.settings();
    Section section = root.section("model");
    ModelSettings model = Blueprint.checked(root, "model", () -> from(section));
    section.refuseUnknown();
    return model;
  }

  /**
   * Returns what keys of this model's blocks are made of.
   *
   * @param blockBytes bytes of a block, which is all that is known of one without geometry
   */
  public ModelFingerprint fingerprint(long blockBytes) {
    return spec.map(ModelFingerprint::of).orElseGet(() -> ModelFingerprint.of(name, blockBytes));
  }

  private static boolean mayHold(int tokens) {
    return tokens >= 1 && Integer.bitCount(tokens) == 1;
  }

  static ModelSettings from(Section model) {
    int tokens = tokensPerBlock(model);
    Optional<Architecture> told = architecture(model);
    String name = told.map(Architecture::name)
        .filter(known -> !known.isEmpty() && !model.isWritten("name"))
        .orElseGet(() -> model.string("name"));
    int ranks = model.integer("tensor-parallel");
    return new ModelSettings(
        name, tokens, told.map(known -> new ModelSpec(name, known.groups(), tokens, ranks)));
  }

  private static int tokensPerBlock(Section model) {
    int tokens = model.integer("tokens-per-block");
    if (!mayHold(tokens)) {
      throw new SettingsException(
          "%s must be a power of two, 1 at least, not %d"
              .formatted(model.origin("tokens-per-block"), tokens));
    }
    return tokens;
  }

  private static Optional<Architecture> architecture(Section model) {
    Optional<ElementType> type = model.has("dtype")
        ? Optional.of(model.choice("dtype", ElementType.class))
        : Optional.empty();
    List<Section> groups = model.elements("groups");
    List<String> ways = ways(model, groups);
    if (ways.isEmpty()) {
      refuseAlone(model);
      return Optional.empty();
    }
    return Optional.of(switch (ways.getFirst()) {
      case "from" -> HuggingFaceConfig.read(model.path("from"), type);
      case PRESET -> preset(model, type);
      case "groups" -> new Architecture("", groups(groups, type));
      default -> new Architecture("", List.of(Layers.read(model, ElementType.BF16)));
    });
  }

  /** Returns the one way in which the model's geometry is told, if it is told. */
  private static List<String> ways(Section model, List<Section> groups) {
    List<String> ways =
        Stream
            .of(
                OF_LAYERS.stream().anyMatch(model::has) || model.flag("mla") ? "layers" : "",
                groups.isEmpty() ? "" : "groups", model.has("from") ? "from" : "",
                model.has(PRESET) ? PRESET : "")
            .filter(way -> !way.isEmpty())
            .toList();
    if (ways.size() > 1) {
      throw new SettingsException(
          "%s: a model is told in one way, not by %s: leave all out but one"
              .formatted(model.origin(ways.getLast()), String.join(" and ", ways)));
    }
    return ways;
  }

  private static void refuseAlone(Section model) {
    for (String key : List.of("dtype", "tensor-parallel")) {
      if (model.isWritten(key)) {
        throw new SettingsException(
            "%s says nothing without the model's layers: give layers, groups, from or preset too"
                .formatted(model.origin(key)));
      }
    }
  }

  private static Architecture preset(Section model, Optional<ElementType> type) {
    Presets presets = new Presets();
    String name = model.string(PRESET);
    Architecture known = presets.find(name).orElseThrow(() -> {
      String meant =
          Spelling.nearest(name, presets.names()).map("did you mean '%s'? "::formatted).orElse("");
      return new SettingsException(
          "%s = %s is not a model that is known here; %sknown are %s"
              .formatted(model.origin(PRESET), name, meant, presets.names()));
    });
    return type.map(known::storedAs).orElse(known);
  }

  private static List<LayerGroup> groups(List<Section> groups, Optional<ElementType> type) {
    return groups.stream().map(group -> {
      LayerGroup layers = Layers.read(group, type.orElse(ElementType.BF16));
      group.refuseUnknown();
      return layers;
    }).toList();
  }
}
