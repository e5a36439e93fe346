package io.pagoda.tier.ssd;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierSpec;
import java.io.Serial;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The settings of an SSD tier; {@code reference.conf} explains each.
 *
 * @param devices where the files go, at least one, all different
 * @param blockBytes bytes of each
 * @param slotsPerFile how many of them a file holds at most
 * @param queueDepth how many reads and writes are in flight at most
 * @param engine what moves the bytes
 * @param direct whether the page cache is bypassed
 * @param preallocate whether the disk space is taken at opening
 * @param durability what blocks outlive
 * @param onMismatch what becomes of blocks of a tier of other settings
 * @param rings how many devices share a ring
 * @param punchHole whether the space of forgotten blocks is given back
 */
record SsdSettings(
    List<Device> devices, long blockBytes, int slotsPerFile, int queueDepth, Engine engine,
    boolean direct, boolean preallocate, Durability durability, OnMismatch onMismatch, Rings rings,
    boolean punchHole) {

  /** What addresses, offsets and lengths must be multiples of when the page cache is bypassed. */
  static final int DIRECT_ALIGNMENT = 4096;

  private static final int BATCHES = 64;

  SsdSettings {
    devices = List.copyOf(devices);
    require(!devices.isEmpty(), "directory", "at least one is needed");
    require(
        devices.size() <= Superblock.MOST_DEVICES, "devices",
        "a tier has at most %d, not %d".formatted(Superblock.MOST_DEVICES, devices.size()));
    List<Path> places = devices.stream().map(one -> one.directory().normalize()).toList();
    require(
        new HashSet<>(places).size() == places.size(), "devices",
        "each directory may appear once: " + places);
    require(
        queueDepth >= 1 && queueDepth <= 4096, "queue-depth",
        "must be 1 to 4096, not " + queueDepth);
    require(
        !punchHole || durability.keeps(), "punch-hole",
        "with durability = none nothing is forgotten before the files are deleted; leave it out");
    require(
        !punchHole || !preallocate, "punch-hole",
        "what preallocate = true takes it would give back; choose one of them");
    require(slotsPerFile >= 1, "file-size", "must hold at least one block of " + blockBytes + " B");
    require(
        !direct || blockBytes % DIRECT_ALIGNMENT == 0, "direct",
        ("direct I/O moves multiples of %d bytes and a block has %d; "
            + "make the block size a multiple of 4KiB, or set direct = false")
            .formatted(DIRECT_ALIGNMENT, blockBytes));
  }

  /** Settings of a tier over devices of one size, that keeps nothing. */
  SsdSettings(
      List<Path> directories, int slots, long blockBytes, int slotsPerFile, int queueDepth,
      Engine engine, boolean direct, boolean preallocate) {
    this(even(directories, slots), blockBytes, slotsPerFile, queueDepth, engine, direct,
        preallocate, Durability.NONE, OnMismatch.REFUSE, Rings.PER_DEVICE, false);
  }

  /** {@return the same, but for what blocks outlive} */
  SsdSettings keeping(Durability outlived, OnMismatch whatElse) {
    return new SsdSettings(
        devices, blockBytes, slotsPerFile, queueDepth, engine, direct, preallocate, outlived,
        whatElse, rings, punchHole);
  }

  /** {@return the same on other devices} */
  SsdSettings on(Device... others) {
    return new SsdSettings(
        List.of(others), blockBytes, slotsPerFile, queueDepth, engine, direct, preallocate,
        durability, onMismatch, rings, punchHole);
  }

  /** {@return the same through the page cache} */
  SsdSettings buffered() {
    return new SsdSettings(
        devices, blockBytes, slotsPerFile, queueDepth, engine, false, preallocate, durability,
        onMismatch, rings, punchHole);
  }

  /** {@return the same, giving back the space of forgotten blocks} */
  SsdSettings punching() {
    return new SsdSettings(
        devices, blockBytes, slotsPerFile, queueDepth, engine, direct, preallocate, durability,
        onMismatch, rings, true);
  }

  /** {@return the same with other rings} */
  SsdSettings with(Rings others) {
    return new SsdSettings(
        devices, blockBytes, slotsPerFile, queueDepth, engine, direct, preallocate, durability,
        onMismatch, others, punchHole);
  }

  /** {@return the same with another depth of the queue} */
  SsdSettings withQueueDepth(int depth) {
    return new SsdSettings(
        devices, blockBytes, slotsPerFile, depth, engine, direct, preallocate, durability,
        onMismatch, rings, punchHole);
  }

  /** Reads the settings of a tier whose blocks have {@code blockBytes}. */
  static SsdSettings from(Settings settings, long blockBytes) {
    try {
      return new SsdSettings(
          devices(settings, blockBytes), blockBytes, slotsPerFile(settings, blockBytes),
          settings.integer("queue-depth"), settings.choice("engine", Engine.class),
          settings.flag("direct"), settings.flag("preallocate"),
          settings.choice("durability", Durability.class),
          settings.choice("on-mismatch", OnMismatch.class), settings.choice("rings", Rings.class),
          settings.flag("punch-hole"));
    } catch (Misfit misfit) {
      throw new SettingsException(settings.origin(misfit.key) + ": " + misfit.getMessage(), misfit);
    }
  }

  /** {@return where the files go} */
  List<Path> directories() {
    return devices.stream().map(Device::directory).toList();
  }

  /** {@return how many blocks the tier holds} */
  int slots() {
    return devices.stream().mapToInt(Device::slots).sum();
  }

  /** {@return what a tier of these settings is} */
  TierSpec spec() {
    return new TierSpec(
        Medium.DISK, slots(), blockBytes, alignment(), Math.min(BATCHES, queueDepth));
  }

  Layout layout() {
    int[] slots = devices.stream().mapToInt(Device::slots).toArray();
    return new Layout(Striping.of(slots), blockBytes, slotsPerFile);
  }

  int alignment() {
    return direct ? DIRECT_ALIGNMENT : 1;
  }

  private static List<Device> devices(Settings settings, long blockBytes) {
    List<Settings> listed = settings.sections("devices");
    boolean single = settings.has("directory");
    require(!single || listed.isEmpty(), "devices", "give either directory or devices, not both");
    if (listed.stream().anyMatch(SsdSettings::sized)) {
      return weighted(settings, listed, blockBytes);
    }
    List<Path> directories = single || listed.isEmpty()
        ? List.of(settings.path("directory"))
        : listed.stream().map(device -> device.path("directory")).toList();
    return even(directories, TierSpec.slots(settings, blockBytes));
  }

  private static List<Device> weighted(Settings settings, List<Settings> listed, long blockBytes) {
    require(
        listed.stream().allMatch(SsdSettings::sized), "devices",
        "either each has a capacity, or none has and they share the tier's evenly");
    for (String key : new String[] {"capacity", "blocks"}) {
      require(
          !settings.has(key), key,
          "the devices have capacities, and the tier's is their sum; leave it out here or there");
    }
    List<Device> devices = new ArrayList<>();
    long slots = 0;
    for (Settings one : listed) {
      devices.add(new Device(one.path("directory"), TierSpec.slots(one, blockBytes)));
      slots += devices.getLast().slots();
    }
    require(
        slots <= Integer.MAX_VALUE, "devices",
        "a tier holds at most %d blocks, and together they ask for %d"
            .formatted(Integer.MAX_VALUE, slots));
    return devices;
  }

  private static boolean sized(Settings device) {
    boolean counted = device.has("blocks");
    return device.has("capacity") || counted;
  }

  private static List<Device> even(List<Path> directories, int slots) {
    if (directories.isEmpty()) {
      return List.of();
    }
    Striping striping = Striping.even(slots, directories.size());
    List<Device> devices = new ArrayList<>();
    for (Path directory : directories) {
      devices.add(new Device(directory, striping.slotsIn(devices.size())));
    }
    return devices;
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
