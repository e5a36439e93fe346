package io.pagoda.tier.ssd;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierSpec;
import java.io.Serial;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/**
 * The settings of an SSD tier; {@code reference.conf} explains each.
 *
 * @param directories where the files go, at least one, all different
 * @param slots how many blocks the tier holds
 * @param blockBytes bytes of each
 * @param slotsPerFile how many of them a file holds at most
 * @param queueDepth how many reads and writes are in flight at most
 * @param engine what moves the bytes
 * @param direct whether the page cache is bypassed
 * @param preallocate whether the disk space is taken at opening
 * @param durability what blocks outlive
 * @param onMismatch what becomes of blocks of a tier of other settings
 */
record SsdSettings(
    List<Path> directories, int slots, long blockBytes, int slotsPerFile, int queueDepth,
    Engine engine, boolean direct, boolean preallocate, Durability durability,
    OnMismatch onMismatch) {

  /** What addresses, offsets and lengths must be multiples of when the page cache is bypassed. */
  static final int DIRECT_ALIGNMENT = 4096;

  private static final int BATCHES = 64;

  SsdSettings {
    directories = List.copyOf(directories);
    require(!directories.isEmpty(), "directory", "at least one is needed");
    require(
        new HashSet<>(directories).size() == directories.size(), "devices",
        "each directory may appear once: " + directories);
    require(
        queueDepth >= 1 && queueDepth <= 4096, "queue-depth",
        "must be 1 to 4096, not " + queueDepth);
    require(slotsPerFile >= 1, "file-size", "must hold at least one block of " + blockBytes + " B");
    require(
        !direct || blockBytes % DIRECT_ALIGNMENT == 0, "direct",
        ("direct I/O moves multiples of %d bytes and a block has %d; "
            + "make the block size a multiple of 4KiB, or set direct = false")
            .formatted(DIRECT_ALIGNMENT, blockBytes));
  }

  /** Settings of a tier that keeps nothing. */
  SsdSettings(
      List<Path> directories, int slots, long blockBytes, int slotsPerFile, int queueDepth,
      Engine engine, boolean direct, boolean preallocate) {
    this(directories, slots, blockBytes, slotsPerFile, queueDepth, engine, direct, preallocate,
        Durability.NONE, OnMismatch.REFUSE);
  }

  /** {@return the same, but for what blocks outlive} */
  SsdSettings keeping(Durability outlived, OnMismatch whatElse) {
    return new SsdSettings(
        directories, slots, blockBytes, slotsPerFile, queueDepth, engine, direct, preallocate,
        outlived, whatElse);
  }

  /** Reads the settings of a tier whose blocks have {@code blockBytes}. */
  static SsdSettings from(Settings settings, long blockBytes) {
    int slots = TierSpec.slots(settings, blockBytes);
    try {
      return new SsdSettings(
          directories(settings), slots, blockBytes, slotsPerFile(settings, blockBytes),
          settings.integer("queue-depth"), settings.choice("engine", Engine.class),
          settings.flag("direct"), settings.flag("preallocate"),
          settings.choice("durability", Durability.class),
          settings.choice("on-mismatch", OnMismatch.class));
    } catch (Misfit misfit) {
      throw new SettingsException(settings.origin(misfit.key) + ": " + misfit.getMessage(), misfit);
    }
  }

  /** {@return what a tier of these settings is} */
  TierSpec spec() {
    return new TierSpec(Medium.DISK, slots, blockBytes, alignment(), Math.min(BATCHES, queueDepth));
  }

  Layout layout() {
    return new Layout(slots, blockBytes, directories.size(), slotsPerFile);
  }

  int alignment() {
    return direct ? DIRECT_ALIGNMENT : 1;
  }

  private static List<Path> directories(Settings settings) {
    List<Settings> devices = settings.sections("devices");
    boolean single = settings.has("directory");
    require(!single || devices.isEmpty(), "devices", "give either directory or devices, not both");
    if (single || devices.isEmpty()) {
      return List.of(settings.path("directory"));
    }
    return devices.stream().map(device -> device.path("directory")).toList();
  }

  private static int slotsPerFile(Settings settings, long blockBytes) {
    if (!settings.has("file-size")) {
      return Integer.MAX_VALUE;
    }
    return (int) Math.min(Integer.MAX_VALUE, settings.bytes("file-size").bytes() / blockBytes);
  }

  private static void require(boolean fits, String key, String message) {
    if (!fits) {
      throw new Misfit(key, message);
    }
  }

  /** A value that does not fit, and the key that should say something else. */
  private static final class Misfit extends IllegalArgumentException {
    @Serial private static final long serialVersionUID = 1;

    final String key;

    Misfit(String key, String message) {
      super(message);
      this.key = key;
    }
  }
}
