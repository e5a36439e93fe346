package io.pagoda.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PresetsTest {
  private final Presets presets = new Presets();

  /** The figures are those that are told of the models everywhere. */
  @ParameterizedTest
  @CsvSource({"llama-3.1-8b, 131072", "llama-3.1-70b, 327680", "llama-3.1-405b, 516096",
    "llama-2-7b, 524288", "qwen2.5-7b, 57344", "qwen3-8b, 147456", "qwen3-32b, 262144",
    "mistral-7b, 131072", "deepseek-v3, 70272", "deepseek-r1, 70272", "gpt-oss-120b, 73728"})
  void tellsBytesOfAToken(String name, int bytes) {
    Architecture model = presets.find(name).orElseThrow();
    assertEquals(bytes, new ModelSpec("m", model.groups(), 1, 1).bytesPerToken());
  }

  @Test
  void everyModelHasANameOfItsOwn() {
    var names = new HashMap<String, String>();
    for (String preset : presets.names()) {
      Architecture model = presets.find(preset).orElseThrow();
      assertEquals(1, model.groups().size(), preset);
      String twin = names.put(model.name(), preset);
      assertTrue(twin == null, () -> preset + " and " + twin + " are " + model.name());
    }
    assertTrue(names.size() > 30, names::toString);
  }

  @Test
  void aModelMayBeStoredOtherwise() {
    Architecture model = presets.find("deepseek-v3").orElseThrow().storedAs(ElementType.FP8);
    assertEquals(List.of(LayerGroup.shared(61, 576, ElementType.FP8)), model.groups());
    assertEquals(Optional.empty(), presets.find("deepseek"));
  }
}
