package io.pagoda.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceConfigTest {
  @TempDir Path directory;

  private Path file(String json) throws IOException {
    return Files.writeString(directory.resolve("config.json"), json);
  }

  private Architecture read(String json) throws IOException {
    return HuggingFaceConfig.read(file(json), Optional.empty());
  }

  private void refused(String expected, String json) throws IOException {
    Path file = file(json);
    var e =
        assertThrows(SettingsException.class, () -> HuggingFaceConfig.read(file, Optional.empty()));
    assertEquals(file + expected, e.getMessage());
  }

  @Test
  void readsGroupedHeads() throws IOException {
    String json = """
        { "architectures": ["LlamaForCausalLM"], "_name_or_path": "meta-llama/Llama-3.1-8B",
          "hidden_size": 4096, "num_attention_heads": 32, "num_hidden_layers": 32,
          "num_key_value_heads": 8, "rope_scaling": { "factor": 8.0, "rope_type": "llama3" },
          "torch_dtype": "bfloat16", "head_dim": null }
        """;
    var group = LayerGroup.separate(32, 8, 128, ElementType.BF16);
    assertEquals(new Architecture("meta-llama/Llama-3.1-8B", List.of(group)), read(json));
  }

  @Test
  void aHeadMayBeLargerThanItsShareOfTheHiddenSize() throws IOException {
    String json = """
        { "head_dim": 128, "hidden_size": 2560, "num_attention_heads": 32,
          "num_hidden_layers": 36, "num_key_value_heads": 8, "dtype": "bfloat16" }
        """;
    assertEquals(List.of(LayerGroup.separate(36, 8, 128, ElementType.BF16)), read(json).groups());
  }

  @Test
  void readsLatents() throws IOException {
    String json = """
        { "kv_lora_rank": 512, "num_attention_heads": 128, "num_hidden_layers": 61,
          "num_key_value_heads": 128, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
          "torch_dtype": "bfloat16", "v_head_dim": 128, "hidden_size": 7168 }
        """;
    assertEquals(List.of(LayerGroup.shared(61, 576, ElementType.BF16)), read(json).groups());
  }

  @Test
  void everyHeadHasItsOwnKeysWhereNothingElseIsSaid() throws IOException {
    String json = """
        { "hidden_size": 768, "num_attention_heads": 12, "num_hidden_layers": 12,
          "torch_dtype": "float32" }
        """;
    assertEquals(List.of(LayerGroup.separate(12, 12, 64, ElementType.FP32)), read(json).groups());
  }

  @Test
  void readsTheLanguageModelOfSeveralParts() throws IOException {
    String json = """
        { "torch_dtype": "bfloat16", "vision_config": { "num_hidden_layers": 24 },
          "text_config": { "head_dim": 128, "num_attention_heads": 32, "num_hidden_layers": 40,
            "num_key_value_heads": 8 } }
        """;
    assertEquals(List.of(LayerGroup.separate(40, 8, 128, ElementType.BF16)), read(json).groups());
  }

  @Test
  void theCacheMayBeStoredOtherwiseThanTheWeights() throws IOException {
    Path file = file("""
        { "head_dim": 64, "num_attention_heads": 4, "num_hidden_layers": 2 }
        """);
    assertEquals(
        List.of(LayerGroup.separate(2, 4, 64, ElementType.FP8)),
        HuggingFaceConfig.read(file, Optional.of(ElementType.FP8)).groups());
  }

  @Test
  void refusesWhatDoesNotTellEnough() throws IOException {
    refused(":1: model.num_hidden_layers is required and has no default", "{ \"a\": 1 }");
    refused(
        ":2: model.torch_dtype = float12 is not a data type that is known here: say dtype, such "
            + "as bf16",
        """
            { "head_dim": 64, "num_attention_heads": 4, "num_hidden_layers": 2,
              "torch_dtype": "float12" }""");
    refused(
        ":1: model.torch_dtype is missing, so the data type is not known: say dtype, such as bf16",
        "{ \"head_dim\": 64, \"num_attention_heads\": 4, \"num_hidden_layers\": 2 }");
    refused(
        ":1: model.hidden_size = 100 is not a multiple of 3 attention heads, and there is no "
            + "head_dim",
        """
            { "hidden_size": 100, "num_attention_heads": 3, "num_hidden_layers": 2,
              "torch_dtype": "bfloat16" }""");
  }

  @Test
  void refusesModelsThatCacheOtherThings() throws IOException {
    refused(
        ":1: model.layer_types: a layer of type 'linear_attention' caches no keys and values; "
            + "say what its layers cache by groups = [ … ]",
        "{ \"layer_types\": [\"full_attention\", \"linear_attention\"] }");
    refused(
        ":1: model.index_head_dim: such a model caches other things than keys and values; "
            + "say what its layers cache by groups = [ … ]",
        "{ \"index_head_dim\": 128 }");
  }

  @Test
  void namesAFileThatIsNone() throws IOException {
    Path none = directory.resolve("none.json");
    var missing =
        assertThrows(SettingsException.class, () -> HuggingFaceConfig.read(none, Optional.empty()));
    assertEquals("cannot read " + none + ": no such file", missing.getMessage());
    Path file = file("[1, 2]");
    var list =
        assertThrows(SettingsException.class, () -> HuggingFaceConfig.read(file, Optional.empty()));
    String message = String.valueOf(list.getMessage());
    assertTrue(message.startsWith(file + " is not a JSON object"), message);
  }
}
