package io.pagoda.core.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.core.config.ConfigFile;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSettingsTest {
  @TempDir Path directory;

  private ModelSettings read(String... model) {
    return ModelSettings.of(file(model).load());
  }

  private ConfigFile file(String... model) {
    return ConfigFile.of(directory, "pagoda.model {", String.join("\n", model), "}");
  }

  private void refused(String expected, String... model) {
    ConfigFile file = file(model);
    var e = assertThrows(SettingsException.class, () -> ModelSettings.of(file.load()));
    assertEquals(file.path() + expected, e.getMessage());
  }

  private static Optional<ModelSpec> spec(String name, int tokens, int ranks, LayerGroup group) {
    return Optional.of(new ModelSpec(name, List.of(group), tokens, ranks));
  }

  @Test
  void aModelMayHaveNoGeometry() {
    assertEquals(new ModelSettings("default", 16, Optional.empty()), read());
    assertEquals(
        new ModelSettings("m", 32, Optional.empty()), read("name = m", "tokens-per-block = 32"));
  }

  @Test
  void layersMayBeTold() {
    var group = LayerGroup.separate(64, 8, 256, ElementType.BF16);
    ModelSettings model =
        read("name = qwen", "layers = 64, kv-heads = 8, head-size = 256", "tensor-parallel = 4");
    assertEquals(new ModelSettings("qwen", 16, spec("qwen", 16, 4, group)), model);
    assertEquals(524_288, model.spec().orElseThrow().bytesPerToken());
    assertEquals(8 << 20, model.spec().orElseThrow().blockBytes());
  }

  @Test
  void latentsHaveOneHead() {
    var group = LayerGroup.shared(61, 576, ElementType.FP8);
    assertEquals(
        spec("v3", 64, 8, group),
        read(
            "name = v3, tokens-per-block = 64, tensor-parallel = 8", "layers = 61, mla = true",
            "head-size = 576, dtype = fp8").spec());
    refused(
        ":2: pagoda.model.kv-heads: keys and values that are one latent (mla) have 1 head, not 8; "
            + "head-size is then kv_lora_rank + qk_rope_head_dim",
        "layers = 61, mla = true, head-size = 576, kv-heads = 8");
  }

  @Test
  void groupsMayDiffer() {
    ModelSettings model = read(
        "groups = [ { layers = 2, kv-heads = 8, head-size = 64, dtype = int8 }",
        "  { layers = 3, head-size = 96, mla = true, tokens-per-entry = 4 } ]", "dtype = fp16");
    assertEquals(
        List.of(
            LayerGroup.separate(2, 8, 64, ElementType.INT8),
            new LayerGroup(3, 1, 96, true, ElementType.FP16, 4)),
        model.spec().orElseThrow().groups());
    refused(
        ":2: unknown key 'heads' in pagoda.model.groups[0]; known here: "
            + "[dtype, head-size, kv-heads, layers, mla, tokens-per-entry]",
        "groups = [ { layers = 2, kv-heads = 8, head-size = 64, heads = 9 } ]");
  }

  @Test
  void aWellKnownModelNeedsItsNameAlone() {
    var group = LayerGroup.separate(32, 8, 128, ElementType.BF16);
    assertEquals(
        spec("meta-llama/Llama-3.1-8B", 16, 1, group), read("preset = llama-3.1-8b").spec());
    assertEquals("mine", read("preset = llama-3.1-8b", "name = mine").name());
    assertEquals(
        65_536, read("preset = llama-3.1-8b", "dtype = fp8").spec().orElseThrow().bytesPerToken());
    ConfigFile file = file("preset = llama-3.1-8");
    var e = assertThrows(SettingsException.class, () -> ModelSettings.of(file.load()));
    String known = "did you mean 'llama-3.1-8b'? known are [deepseek-r1, deepseek-v2, ";
    String message = String.valueOf(e.getMessage());
    assertTrue(
        message.startsWith(
            file.path() + ":2: pagoda.model.preset = llama-3.1-8 is not a model that is known "
                + "here; " + known),
        message);
  }

  @Test
  void aModelsOwnFileTells() throws IOException {
    Files.writeString(directory.resolve("config.json"), """
        { "_name_or_path": "org/model", "head_dim": 64, "num_attention_heads": 4,
          "num_hidden_layers": 2, "dtype": "float16" }""");
    var group = LayerGroup.separate(2, 4, 64, ElementType.FP16);
    assertEquals(
        spec("org/model", 16, 2, group), read("from = config.json", "tensor-parallel = 2").spec());
  }

  @Test
  void refusesHalfAGeometryAndTwo() {
    refused(": pagoda.model.layers is required and has no default", "kv-heads = 8");
    refused(
        ":3: pagoda.model.preset: a model is told in one way, not by layers and preset: "
            + "leave all out but one",
        "layers = 2, kv-heads = 8, head-size = 64", "preset = qwen3-8b");
    refused(
        ":2: pagoda.model.dtype says nothing without the model's layers: give layers, groups, "
            + "from or preset too",
        "dtype = fp8");
    refused(
        ":2: pagoda.model.layers must be at least 1, not 0",
        "layers = 0, kv-heads = 8, head-size = 64");
    refused(
        ":2: pagoda.model.dtype must be one of [fp8, int8, bf16, fp16, fp32], not 'bfloat16'",
        "preset = qwen3-8b, dtype = bfloat16");
    refused(
        ":2: unknown key 'kv-head' in pagoda.model; did you mean 'kv-heads'? known here: "
            + "[dtype, from, groups, head-size, kv-heads, layers, mla, name, preset, "
            + "tensor-parallel, tokens-per-block]",
        "kv-head = 8");
  }

  @Test
  void refusesBlocksAndRanksThatDoNotFit() {
    refused(
        ":2: pagoda.model.tokens-per-block must be a power of two, 1 at least, not 24",
        "preset = qwen3-8b, tokens-per-block = 24");
    refused(
        ": pagoda.model: 8 KV heads cannot be shared by 3 ranks",
        "preset = qwen3-8b, tensor-parallel = 3");
  }
}
