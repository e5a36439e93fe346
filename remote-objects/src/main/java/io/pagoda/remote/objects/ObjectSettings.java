package io.pagoda.remote.objects;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierSpec;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings that every tier in object storage has; {@code reference.conf} of each explains them.
 *
 * @param slots how many blocks an engine may count there
 * @param blockBytes bytes of each
 * @param prefix what names of objects begin with
 * @param fanOut digits of the fan-out in names
 * @param concurrency how many requests run at once, at most
 * @param patience how long is waited, and how often tried
 * @param lookUp how presence is found out
 * @param onUnreachable what becomes of a tier whose server does not answer at start
 * @param conditionalPut whether objects are stored only where there is none
 * @param checksum whether objects have a checksum of their bytes
 * @param parts how large objects are moved
 * @param cleaner whether this node keeps the bucket within the capacity
 * @param cleanEvery how often
 * @param compression how blocks are made smaller
 * @param compressionLevel how hard that is tried
 * @param secret what they are encrypted with
 * @param blocksPerObject how many consecutive blocks an object has, if they are stored together
 */
public record ObjectSettings(
    int slots, long blockBytes, String prefix, int fanOut, int concurrency, Patience patience,
    LookUp lookUp, OnUnreachable onUnreachable, ConditionalPut conditionalPut, boolean checksum,
    Parts parts, boolean cleaner, Duration cleanEvery, Compression compression,
    int compressionLevel, Optional<Secret> secret, int blocksPerObject) {
  /** How many blocks an object holds at most. */
  static final int MOST_BLOCKS = 1024;

  /** Of an object of several blocks: larger requests are no faster, and lose more if they fail. */
  private static final long MOST_BYTES = 8L << 20;

  private static final int MOST_CONCURRENCY = 1024;
  private static final int MOST_FAN_OUT = 8;
  private static final int BATCHES = 64;

  /** What becomes of a tier whose server does not answer at start. */
  public enum OnUnreachable {
    /** It does not open. */
    REFUSE,
    /** It opens, finds nothing, and asks again now and then. */
    TOLERATE
  }

  /** Whether objects are stored only where there is none. */
  public enum ConditionalPut {
    /** Until the server says that it cannot do that. */
    AUTO,
    /** They are. */
    ALWAYS,
    /** They are not: it is looked whether there is one. */
    NEVER
  }

  /**
   * How presence is found out.
   *
   * @param probes how many requests go out together
   * @param deadline how long a look-up takes at most
   * @param entries of how many blocks is remembered whether they are there
   * @param presentFor how long that counts if they are ...
   * @param absentFor ... or are not
   * @param listAtStart whether all blocks are listed at start
   */
  public record LookUp(
      int probes, Duration deadline, int entries, Duration presentFor, Duration absentFor,
      boolean listAtStart) {
    static LookUp from(Settings settings) {
      return new LookUp(
          between(settings, "probes", 1, MOST_CONCURRENCY), settings.duration("deadline"),
          between(settings, "entries", 4, 1 << 28), settings.duration("present-for"),
          settings.duration("absent-for"), settings.flag("list-at-start"));
    }
  }

  /**
   * How large objects are moved.
   *
   * @param bytes of a part; servers refuse parts of less than 5 MiB
   * @param readFrom objects of more bytes are read in several requests at once
   * @param writeFrom objects of more bytes are written in parts
   */
  public record Parts(long bytes, long readFrom, long writeFrom) {
    private static final long LEAST = 5L << 20;

    static Parts from(Settings settings) {
      long bytes = settings.bytes("size").bytes();
      if (bytes < LEAST || bytes > Integer.MAX_VALUE) {
        throw new SettingsException(
            settings.origin("size") + ": servers take parts of 5MiB to 2GiB, not " + bytes + " B");
      }
      return new Parts(
          bytes, settings.bytes("read-from").bytes(), settings.bytes("write-from").bytes());
    }
  }

  /**
   * Reads them.
   *
   * @param settings the tier's section
   * @param blockBytes bytes of every block of the store
   * @throws SettingsException if one is absent, malformed or out of range
   */
  public static ObjectSettings from(Settings settings, long blockBytes) {
    return new ObjectSettings(
        TierSpec.slots(settings, blockBytes), blockBytes, prefix(settings),
        between(settings, "fan-out", 0, MOST_FAN_OUT),
        between(settings, "concurrency", 1, MOST_CONCURRENCY), Patience.from(settings),
        LookUp.from(settings.section("look-up")),
        settings.choice("on-unreachable", OnUnreachable.class),
        settings.choice("conditional-put", ConditionalPut.class), settings.flag("checksum"),
        Parts.from(settings.section("parts")), settings.flag("cleaner"),
        settings.duration("clean-every"), settings.choice("compression", Compression.class),
        between(settings, "compression-level", 1, 22), Secret.from(settings),
        blocksPerObject(settings, blockBytes));
  }

  private static int blocksPerObject(Settings settings, long blockBytes) {
    int blocks = between(settings, "blocks-per-object", 1, MOST_BLOCKS);
    if (blocks > 1 && blocks * blockBytes > MOST_BYTES) {
      throw new SettingsException(
          "%s: %d blocks of %d B are more than objects of several blocks have, 8MiB"
              .formatted(settings.origin("blocks-per-object"), blocks, blockBytes));
    }
    return blocks;
  }

  private static String prefix(Settings settings) {
    String prefix = settings.string("prefix");
    if (prefix.startsWith("/") || prefix.endsWith("/") || prefix.length() > 512) {
      throw new SettingsException(
          settings.origin("prefix")
              + ": neither begins nor ends with a slash and has at most 512 characters: " + prefix);
    }
    return prefix;
  }

  private static int between(Settings settings, String key, int least, int most) {
    int value = settings.integer(key);
    if (value < least || value > most) {
      throw new SettingsException(
          "%s: must be %d to %d, not %d".formatted(settings.origin(key), least, most, value));
    }
    return value;
  }

  /** {@return what a tier of these settings is} */
  public TierSpec spec() {
    return new TierSpec(Medium.OBJECT, slots, blockBytes, 1, Math.min(BATCHES, concurrency));
  }

  /** {@return how many connections keep it busy} */
  public int connections() {
    return concurrency;
  }
}
