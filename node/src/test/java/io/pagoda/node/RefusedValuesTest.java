package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Case 33: values that FlexKV refuses are refused, with the line and the key, and those that it
 * takes are taken. What FlexKV refuses and is right here is a test of its own.
 */
class RefusedValuesTest {
  @TempDir Path directory;

  private OpenStore open(String... lines) throws IOException {
    Path file = directory.resolve("store.conf");
    Files.writeString(file, "pagoda {\nblock-bytes = 4KiB\n" + String.join("\n", lines) + "\n}\n");
    return new ConfiguredStores().open(Optional.of(file), Overrides.NONE, StageTimes.NONE);
  }

  /** Expects a complaint about a line, which begins with its key. */
  private void refused(int line, String complaint, String... lines) {
    var e = assertThrows(PagodaException.class, () -> open(lines).close());
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("store.conf:" + (line + 2)), message);
    assertTrue(message.contains(complaint), message);
    assertEquals(1, message.lines().count(), message);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "blocks = 0 | pagoda.tiers[0].blocks: a tier holds 1 to 2147483647 blocks of 4096 bytes; this "
        + "asks for 0",
    "blocks = -1 | this asks for -1", "blocks = -100 | this asks for -100",
    "blocks = 1.5 | pagoda.tiers[0].blocks must be a whole number of at most 32 bits, not '1.5'",
    "blocks = 2147483648 | of at most 32 bits", "blocks = null | pagoda.tiers[0].capacity",
    "capacity = 0GiB | pagoda.tiers[0].capacity: a tier holds 1 to",
    "capacity = 4095B | asks for 0", "capacity = 1 | pagoda.tiers[0].capacity",
    "capacity = -1GiB | pagoda.tiers[0].capacity",})
  void sizes(String size, String complaint) {
    refused(1, complaint, "tiers = [ { type = cpu, " + size + " } ]");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 3, 5, 6, 7, 9, 10, 15, 17, 100, Integer.MIN_VALUE})
  void tokensPerBlock(int tokens) {
    String complaint =
        "pagoda.model.tokens-per-block must be a power of two, 1 at least, not " + tokens;
    refused(
        1, complaint, "model.tokens-per-block = " + tokens,
        "tiers = [ { type = cpu, blocks = 4 } ]");
    refused(
        1, complaint, "model.tokens-per-block = " + tokens, "model.preset = qwen3-8b",
        "tiers = [ { type = cpu, blocks = 4 } ]");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 16, 128, 1 << 30})
  void powersOfTwo(int tokens) throws IOException {
    try (OpenStore open =
        open("model.tokens-per-block = " + tokens, "tiers = [ { type = cpu, blocks = 4 } ]")) {
      assertEquals(tokens, open.tokensPerBlock());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Unknown", "999", "null", "CPU"})
  void types(String type) {
    String complaint = type.equals("null") ? "pagoda.tiers[0].type is required" : "'" + type + "'";
    refused(1, complaint, "tiers = [ { type = " + type + ", blocks = 4 } ]");
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|',
      value = {"0 | must be at least 1, not 0", "-1 | must be at least 1, not -1",
        "1.5 | must be a whole number of at most 32 bits, not '1.5'",
        "null | is required and has no default", "often | must be a whole number"})
  void protectedHits(String hits, String complaint) {
    refused(
        1, "pagoda.eviction.slru.protected-hits " + complaint,
        "eviction { policy = slru, slru.protected-hits = " + hits + " }",
        "tiers = [ { type = cpu, blocks = 4 } ]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"LRU", "Lfu", "SLRU", "FIFO", "random", "s4-fifo", "\"\""})
  void policies(String policy) {
    String name = policy.replace("\"", "");
    refused(
        2, "'" + name + "'", "eviction.policy = " + policy,
        "tiers = [ { type = cpu, blocks = 4 } ]");
    refused(
        1, "'" + name + "'", "tiers = [ { type = cpu, blocks = 4, eviction = " + policy + " } ]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lru", "lfu", "fifo", "mru", "filo", "slru", "lru-2", "arc", "s3-fifo",
    "sieve", "lfu-da", "gdsf", "length-aware", "w-tinylfu", "adaptive"})
  void everyPolicy(String policy) throws IOException {
    open("eviction.policy = " + policy, "tiers = [ { type = cpu, blocks = 4 } ]").close();
    open("tiers = [ { type = cpu, blocks = 4, eviction = " + policy + " } ]").close();
    refused(
        1, "unknown key 'size' in pagoda.eviction." + policy, "eviction." + policy + ".size = 3",
        "tiers = [ { type = cpu, blocks = 4, eviction = " + policy + " } ]");
  }

  @Test
  void whoeverNamesNoPolicyHasTheOneThatLearns() throws IOException {
    String tiers = "tiers = [ { type = cpu, blocks = 4 } ]";
    String key = "eviction.adaptive.size = 3";
    refused(1, "unknown key 'size' in pagoda.eviction.adaptive", key, tiers);
    refused(
        2, "unknown key 'size' in pagoda.eviction.adaptive", "eviction.policy = auto", key, tiers);
    open("eviction.policy = lru", tiers, key).close();
  }

  @ParameterizedTest
  @CsvSource({"cpu_cache_gb, pagoda", "enable_gds, pagoda", "evict_ratio, pagoda"})
  void unknownKeys(String key, String section) {
    refused(
        1, "unknown key '" + key + "' in " + section, key + " = 1",
        "tiers = [ { type = cpu, blocks = 4 } ]");
  }

  /** FlexKV wants more SSD than memory, since there the SSD holds what the memory does. */
  @Test
  void anSsdMayBeSmallerThanTheMemory() throws IOException {
    try (OpenStore open = open(
        "tiers = [ { type = cpu, blocks = 8 }, { type = ssd, blocks = 2, directory = blocks } ]")) {
      assertEquals(2, open.store().statistics().tiers().get(1).slots());
    }
  }
}
