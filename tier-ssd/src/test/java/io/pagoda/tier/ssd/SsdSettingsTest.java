package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SsdSettingsTest {
  private static final Map<String, Object> DEFAULTS = Map.ofEntries(
      Map.entry("directory", Path.of("/data")), Map.entry("capacity", ByteSize.ofMebibytes(10)),
      Map.entry("devices", List.of()), Map.entry("queue-depth", 512),
      Map.entry("engine", Engine.AUTO), Map.entry("direct", true), Map.entry("preallocate", false),
      Map.entry("durability", Durability.CRASH), Map.entry("on-mismatch", OnMismatch.REFUSE),
      Map.entry("rings", Rings.PER_DEVICE), Map.entry("punch-hole", false),
      Map.entry("deadline", Duration.ofSeconds(30)),
      Map.entry("request-size", ByteSize.ofMebibytes(8)),
      Map.entry("registered-memory", Registering.AUTO));

  private static SsdSettings read(long blockBytes, Object... changes) {
    Map<String, Object> values = new HashMap<>(DEFAULTS);
    for (int i = 0; i < changes.length; i += 2) {
      values.put((String) changes[i], changes[i + 1]);
    }
    return SsdSettings.from(new Values(values), blockBytes);
  }

  private static void refused(String key, String reason, long blockBytes, Object... changes) {
    var failure = assertThrows(SettingsException.class, () -> read(blockBytes, changes));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.startsWith("pagoda.conf: " + key + ": "), message);
    assertTrue(message.contains(reason), message);
  }

  @Test
  void countsBlocksByCapacityOrByNumber() {
    assertEquals(160, read(64 << 10).slots());
    assertEquals(7, read(64 << 10, "blocks", 7).slots());
    refused("capacity", "asks for 0", 11 << 20);
  }

  @Test
  void takesOneDirectoryOrSeveralDevices() {
    List<Settings> devices = List.of(
        new Values(Map.of("directory", Path.of("/a"))),
        new Values(Map.of("directory", Path.of("/b"))));
    refused("devices", "not both", 4096, "devices", devices);
    Map<String, Object> values = new HashMap<>(DEFAULTS);
    values.remove("directory");
    values.put("devices", devices);
    var settings = SsdSettings.from(new Values(values), 4096);
    assertEquals(List.of(Path.of("/a"), Path.of("/b")), settings.directories());
    values.put("devices", List.of(devices.get(0), devices.get(0)));
    assertThrows(SettingsException.class, () -> SsdSettings.from(new Values(values), 4096));
  }

  private static IoShape shape(Object... changes) {
    Map<String, Object> values = new HashMap<>(DEFAULTS);
    for (int i = 0; i < changes.length; i += 2) {
      values.put((String) changes[i], changes[i + 1]);
    }
    return IoShape.of(read(1 << 20), new Values(values));
  }

  @Test
  void aRequestIsAsLongAsItSays() {
    assertEquals(8 << 20, shape().ioBytes());
    assertEquals(4096, shape("request-size", new ByteSize(4096)).ioBytes());
    for (long bytes : new long[] {0, 512, 4097, (1L << 30) + 4096}) {
      var failure =
          assertThrows(SettingsException.class, () -> shape("request-size", new ByteSize(bytes)));
      String message = String.valueOf(failure.getMessage());
      assertTrue(message.startsWith("pagoda.conf: request-size: must be a multiple"), message);
    }
  }

  @Test
  void hostMemoryNeedNotBeRegistered() {
    assertTrue(shape().registers());
    assertFalse(shape("registered-memory", Registering.OFF).registers());
  }

  private static Settings device(String directory, Object... capacity) {
    Map<String, Object> values = new HashMap<>(Map.of("directory", Path.of(directory)));
    for (int i = 0; i < capacity.length; i += 2) {
      values.put((String) capacity[i], capacity[i + 1]);
    }
    return new Values(values);
  }

  private static SsdSettings over(Map<String, Object> more, Settings... devices) {
    Map<String, Object> values = new HashMap<>(DEFAULTS);
    values.remove("directory");
    values.remove("capacity");
    values.putAll(more);
    values.put("devices", List.of(devices));
    return SsdSettings.from(new Values(values), 4096);
  }

  private static void refusedDevices(
      String key, String reason, Map<String, Object> more, Settings... devices) {
    var failure = assertThrows(SettingsException.class, () -> over(more, devices));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.startsWith("pagoda.conf: " + key + ": "), message);
    assertTrue(message.contains(reason), message);
  }

  @Test
  void eachDeviceMayHaveACapacityOfItsOwn() {
    var capacity = ByteSize.ofMebibytes(1);
    // Whole blocks: what is left of a capacity is not used.
    var settings = over(
        Map.of(), device("/a", "capacity", capacity), device("/b", "blocks", 7),
        device("/c", "capacity", new ByteSize(3 * 4096 + 4095)));
    assertEquals(
        List.of(
            new Device(Path.of("/a"), 256), new Device(Path.of("/b"), 7),
            new Device(Path.of("/c"), 3)),
        settings.devices());
    assertEquals(266, settings.spec().slots());
    refusedDevices(
        "devices", "either each has a capacity", Map.of(), device("/a", "capacity", capacity),
        device("/b"));
    refusedDevices(
        "capacity", "is their sum", Map.of("capacity", capacity),
        device("/a", "capacity", capacity));
    refusedDevices(
        "capacity", "asks for 0", Map.of(), device("/a", "blocks", 1),
        device("/b", "capacity", new ByteSize(4095)));
    refusedDevices(
        "devices", "together they ask for 2147483648", Map.of(),
        device("/a", "blocks", Integer.MAX_VALUE), device("/b", "blocks", 1));
    refusedDevices(
        "devices", "each directory may appear once", Map.of(), device("/a", "blocks", 1),
        device("/b/../a", "blocks", 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4095, 4097, 6000, 12_345})
  void refusesBlocksThatDirectIoCannotMove(long blockBytes) {
    refused("direct", "multiple of 4KiB", blockBytes);
    assertEquals(1, read(blockBytes, "direct", false).alignment());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 4097})
  void refusesQueueDepthsThatNoRingHas(int depth) {
    refused("queue-depth", "must be 1 to 4096, not " + depth, 4096, "queue-depth", depth);
  }

  @Test
  void punchesHolesOnlyWhereThatMakesSense() {
    assertTrue(read(4096, "punch-hole", true).punchHole());
    refused(
        "punch-hole", "durability = none", 4096, "punch-hole", true, "durability", Durability.NONE);
    refused("punch-hole", "preallocate", 4096, "punch-hole", true, "preallocate", true);
  }

  @Test
  void refusesFilesThatHoldNoBlock() {
    refused("file-size", "at least one block", 8192, "file-size", new ByteSize(8191));
    assertEquals(2, read(4096, "file-size", new ByteSize(12_000)).slotsPerFile());
    assertEquals(Integer.MAX_VALUE, read(4096).slotsPerFile());
  }

  /** Values that are what they say, of types that are not checked. */
  private record Values(Map<String, Object> values) implements Settings {
    private <T> T value(String key, Class<T> type) {
      Object value = values.get(key);
      if (value == null) {
        throw new SettingsException(origin(key) + ": missing");
      }
      return type.cast(value);
    }

    @Override
    public String string(String key) {
      return value(key, String.class);
    }

    @Override
    public List<String> strings(String key) {
      List<?> strings = value(key, List.class);
      return strings.stream().map(String.class::cast).toList();
    }

    @Override
    public int integer(String key) {
      return value(key, Integer.class);
    }

    @Override
    public double number(String key) {
      return value(key, Double.class);
    }

    @Override
    public boolean flag(String key) {
      return value(key, Boolean.class);
    }

    @Override
    public ByteSize bytes(String key) {
      return value(key, ByteSize.class);
    }

    @Override
    public Duration duration(String key) {
      return value(key, Duration.class);
    }

    @Override
    public Path path(String key) {
      return value(key, Path.class);
    }

    @Override
    public <E extends Enum<E>> E choice(String key, Class<E> type) {
      return value(key, type);
    }

    @Override
    public Settings section(String key) {
      return value(key, Settings.class);
    }

    @Override
    public List<Settings> sections(String key) {
      List<?> sections = value(key, List.class);
      return sections.stream().map(Settings.class::cast).toList();
    }

    @Override
    public boolean has(String key) {
      return values.containsKey(key);
    }

    @Override
    public String origin(String key) {
      return "pagoda.conf: " + key;
    }
  }
}
