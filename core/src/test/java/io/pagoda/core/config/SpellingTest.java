package io.pagoda.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static final List<String> KNOWN = List.of("capacity", "blocks", "block-bytes", "to");

  @Test
  void findsTheNearest() {
    assertEquals(Optional.of("capacity"), Spelling.nearest("capcity", KNOWN));
    assertEquals(Optional.of("capacity"), Spelling.nearest("capactiy", KNOWN));
    assertEquals(Optional.of("blocks"), Spelling.nearest("block", KNOWN));
  }

  @Test
  void ofTwoAsNearTakesTheOneAsLong() {
    assertEquals(Optional.of("tiers"), Spelling.nearest("tires", List.of("tier", "tiers")));
  }

  @Test
  void staysSilentWhenNothingIsNear() {
    assertEquals(Optional.empty(), Spelling.nearest("directory", KNOWN));
    assertEquals(Optional.empty(), Spelling.nearest("x", KNOWN));
    assertEquals(Optional.empty(), Spelling.nearest("", KNOWN));
  }
}
