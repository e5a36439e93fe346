package io.pagoda;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a store has done since it was opened, and what it holds. Figures are kept by name, so that
 * there can be more of them one day; one that nobody told is 0.
 *
 * @param tiers its tiers, hottest first
 * @param hops its roads, each direction by itself
 * @param jobs what callers asked for, and got
 * @param latencies how long it took to answer them
 * @param trace what became of its request trace; empty if it keeps none
 * @param flows what devices have copied, each way to copy and each direction by itself
 */
public record StoreStatistics(
    List<Tier> tiers, List<Hop> hops, Jobs jobs, Map<Operation, Latency> latencies,
    Optional<Trace> trace, List<DeviceFlow> flows) {
  /** Copies the parts. */
  public StoreStatistics {
    tiers = List.copyOf(tiers);
    hops = List.copyOf(hops);
    latencies = copy(Operation.class, latencies);
    flows = List.copyOf(flows);
  }

  /** The statistics of a store that keeps no trace, takes no times, and has no devices. */
  public StoreStatistics(List<Tier> tiers, List<Hop> hops, Jobs jobs) {
    this(tiers, hops, jobs, Map.of(), Optional.empty(), List.of());
  }

  /** {@return how long an operation took} */
  public Latency latency(Operation operation) {
    return latencies.getOrDefault(operation, Latency.NONE);
  }

  /** {@return the share of the blocks asked for that a match found in a tier; 0 if none was} */
  public double hitRatio(Tier tier) {
    long asked = jobs.count(JobCount.ASKED);
    return asked == 0 ? 0 : (double) tier.count(TierCount.MATCHED) / asked;
  }

  /** {@return these statistics, of a store that keeps a trace} */
  public StoreStatistics with(Trace newTrace) {
    return new StoreStatistics(tiers, hops, jobs, latencies, Optional.of(newTrace), flows);
  }

  /** An operation whose times are taken. */
  public enum Operation {
    /** Finding and pinning the longest prefix. */
    MATCH,
    /** Taking pins and slots for a fetch or a put, and planning its hops. */
    PLAN,
    /** A fetch, from its beginning until its outcome is known; cancelled ones are left out. */
    FETCH,
    /** A put, from its beginning until its outcome is known; cancelled ones are left out. */
    PUT,
    /** A put, from its beginning until the colder tiers that are written through have it. */
    PUT_FINISHED,
    /** A prefetch, from its beginning until its outcome is known; cancelled ones are left out. */
    PREFETCH
  }

  /**
   * How long something took, in nanoseconds, right to 1 %.
   *
   * @param count how often it was measured
   * @param p50 half of the times are no longer
   * @param p90 90 % are no longer
   * @param p99 99 % are no longer
   * @param max none is longer
   */
  public record Latency(long count, long p50, long p90, long p99, long max) {
    /** Nothing was measured. */
    public static final Latency NONE = new Latency(0, 0, 0, 0, 0);
  }

  /** The figures of a tier, in blocks where nothing else is said. */
  public enum TierCount {
    /** How many it can hold. */
    SLOTS,
    /** How many slots are taken, whether their blocks are there yet or not. */
    USED,
    /** How many blocks are there. */
    READY,
    /** Blocks that it had from before when the store was opened. */
    REVIVED,
    /** Blocks that other machines had stored there, and a match brought to light. */
    DISCOVERED,
    /** Blocks that a match found in it, and in no hotter tier. */
    MATCHED,
    /** Blocks that a fetch took from it. */
    HITS,
    /** Blocks that were lent from it to other stores; one counts each time. */
    LENT,
    /** Blocks that had to leave it, for whatever reason. */
    EVICTIONS,
    /** Those of them that left because their namespace had its quota. */
    OVER_QUOTA,
    /** Those of them that left because nobody had used them for as long as they may live. */
    OUTLIVED,
    /** Writes that did not take place because the block had been used only once. */
    NOT_ADMITTED,
    /** Writes that did not take place because the block was there already. */
    ALREADY_PRESENT,
    /** Blocks that failed to arrive, or arrived wrong. */
    LOST,
    /** Those of them whose bytes failed verification. */
    CORRUPT,
    /** Blocks that were read, unasked, to see whether they are still as they were stored. */
    SCRUBBED,
    /** Slots that are not used any more, because a block did not come back as it was stored. */
    QUARANTINED,
    /** How many bytes were read from the medium, if the tier tells. */
    BYTES_READ,
    /** How many bytes were written to the medium, if the tier tells. */
    BYTES_WRITTEN,
    /** How many bytes were written to it since the tier was first formed there, if it tells. */
    BYTES_WRITTEN_EVER,
    /** How many records of blocks were written, if the tier writes any. */
    RECORDS_WRITTEN,
    /** How many times the medium was asked to make durable what was written. */
    SYNCS,
    /** How many times writes paused since a budget was spent. */
    WRITES_DELAYED,
    /** How many requests were made of a server, with those that were made again. */
    REQUESTS,
    /** How many of them were made again. */
    RETRIES,
    /** How many requests failed; that something is not there is no failure. */
    FAILURES,
    /** How many second reads were tried beside slow ones. */
    HEDGES,
    /** How many requests may run at once at present. */
    REQUESTS_AT_ONCE,
    /** Of how many blocks the engine asked whether they are there. */
    LOOKED_UP,
    /** Of how many of them that was known without a request. */
    LOOKED_UP_CACHED,
    /** How many blocks were not stored since they were there already. */
    STORES_SPARED,
    /** How many objects were stored ... */
    OBJECTS_STORED,
    /** ... and how many blocks in them. */
    BLOCKS_STORED,
    /** Of how many objects blocks were loaded, with those that are counted for each load ... */
    OBJECTS_LOADED,
    /** ... and how many blocks that were. */
    BLOCKS_LOADED,
    /** How many bytes of blocks were compressed or encrypted ... */
    PACKED_FROM,
    /** ... and what became of them. */
    PACKED_TO,
    /** How long it took to do that, and to undo it. */
    PACKING_NANOSECONDS,
    /** How many blocks were deleted to keep within the capacity. */
    CLEANED
  }

  /** What a tier is trusted with. */
  public enum TierState {
    /** It takes blocks and gives them back. */
    HEALTHY,
    /** It gives blocks back, and takes one now and then to see whether it works. */
    READ_ONLY,
    /** Nothing is asked of it until the store is opened again. */
    RETIRED
  }

  /**
   * One tier.
   *
   * @param name the tier
   * @param counts its figures
   * @param state what it is trusted with
   * @param why what made it less than healthy, or is amiss with a part of it; empty if nothing is
   * @param lasting for how long it has been in that state
   */
  public record Tier(
      String name, Map<TierCount, Long> counts, TierState state, String why, Duration lasting) {
    /** Copies the figures. */
    public Tier {
      counts = copy(TierCount.class, counts);
    }

    /** A healthy tier. */
    public Tier(String name, Map<TierCount, Long> counts) {
      this(name, counts, TierState.HEALTHY, "", Duration.ZERO);
    }

    /**
     * Returns words for how the tier is, such as "read-only for 12 s: the device says no"; empty if
     * all is well.
     */
    public String condition() {
      if (state == TierState.HEALTHY) {
        return why;
      }
      String word = state.name().toLowerCase(Locale.ROOT).replace('_', '-');
      return "%s for %d s: %s".formatted(word, lasting.toSeconds(), why);
    }

    /** {@return a figure} */
    public long count(TierCount count) {
      return counts.getOrDefault(count, 0L);
    }

    /** {@return {@link TierCount#SLOTS}} */
    public long slots() {
      return count(TierCount.SLOTS);
    }

    /** {@return {@link TierCount#USED}} */
    public long used() {
      return count(TierCount.USED);
    }

    /** {@return {@link TierCount#HITS}} */
    public long hits() {
      return count(TierCount.HITS);
    }

    /** {@return {@link TierCount#EVICTIONS}} */
    public long evictions() {
      return count(TierCount.EVICTIONS);
    }

    /** {@return {@link TierCount#LOST}} */
    public long lost() {
      return count(TierCount.LOST);
    }

    /** {@return {@link TierCount#CORRUPT}} */
    public long corrupt() {
      return count(TierCount.CORRUPT);
    }
  }

  /** The figures of a direction. */
  public enum HopCount {
    /** How many blocks arrived. */
    BLOCKS,
    /** How many bytes that was. */
    BYTES,
    /** For how many nanoseconds at least one batch was on the way. */
    BUSY_NANOS,
    /** How many batches ended. */
    BATCHES,
    /** How many of them did not bring every block. */
    FAILURES
  }

  /**
   * One direction of a road.
   *
   * @param from the tier that bytes leave
   * @param to the tier they reach
   * @param counts its figures
   * @param waiting how long batches waited for room on the road
   * @param service how long they then took
   */
  public record Hop(
      String from, String to, Map<HopCount, Long> counts, Latency waiting, Latency service) {
    /** Copies the figures. */
    public Hop {
      counts = copy(HopCount.class, counts);
    }

    /** A direction whose times were not taken. */
    public Hop(String from, String to, Map<HopCount, Long> counts) {
      this(from, to, counts, Latency.NONE, Latency.NONE);
    }

    /** {@return a figure} */
    public long count(HopCount count) {
      return counts.getOrDefault(count, 0L);
    }

    /** {@return {@link HopCount#BLOCKS}} */
    public long blocks() {
      return count(HopCount.BLOCKS);
    }

    /** {@return {@link HopCount#BYTES}} */
    public long bytes() {
      return count(HopCount.BYTES);
    }

    /** {@return 10<sup>9</sup> bytes per second while busy, or 0 if it never was} */
    public double gigabytesPerSecond() {
      long busyNanos = count(HopCount.BUSY_NANOS);
      return busyNanos == 0 ? 0 : (double) bytes() / busyNanos;
    }
  }

  /**
   * What a device has copied in one way, in one direction.
   *
   * @param device which device, such as {@code GPU-…}
   * @param path the way, in a word of the device's
   * @param toDevice whether the device's memory was written
   * @param batches how many batches of blocks were copied without a failure
   * @param bytes how many bytes that was
   * @param busyNanos how long it took, in nanoseconds, without what batches waited for one another
   */
  public record DeviceFlow(
      String device, String path, boolean toDevice, long batches, long bytes, long busyNanos) {
    /** {@return 10<sup>9</sup> bytes per second while busy, or 0 if it never was} */
    public double gigabytesPerSecond() {
      return busyNanos == 0 ? 0 : (double) bytes / busyNanos;
    }
  }

  /** The figures of jobs. */
  public enum JobCount {
    /** Jobs that ended in full. */
    COMPLETED,
    /** Jobs that ended in part. */
    PARTIAL,
    /** Jobs that ended without a block. */
    FAILED,
    /** Jobs that their callers cancelled. */
    CANCELLED,
    /** Jobs that ended at their deadlines. */
    EXPIRED,
    /** Jobs that are not over, what they have written to colder tiers included. */
    RUNNING,
    /** Blocks that matches looked for. */
    ASKED,
    /** Blocks that fetches left where they were, since computing them anew takes less time. */
    NOT_WORTH_FETCHING,
    /** Blocks that fetches brought. */
    FETCHED_BLOCKS,
    /** How many bytes that was. */
    FETCHED_BYTES,
    /** Blocks that the store has after puts, whether it had them before or not. */
    PUT_BLOCKS,
    /** How many bytes that is. */
    PUT_BYTES
  }

  /**
   * What callers asked for, and got.
   *
   * @param counts the figures
   */
  public record Jobs(Map<JobCount, Long> counts) {
    /** Copies the figures. */
    public Jobs {
      counts = copy(JobCount.class, counts);
    }

    /** {@return a figure} */
    public long count(JobCount count) {
      return counts.getOrDefault(count, 0L);
    }

    /** {@return {@link JobCount#RUNNING}} */
    public long running() {
      return count(JobCount.RUNNING);
    }
  }

  /**
   * A request trace.
   *
   * @param lines how many lines were written
   * @param dropped how many were not, because they came too fast or after a failure
   * @param failure why nothing is written any more; empty if all is well
   */
  public record Trace(long lines, long dropped, String failure) {}

  private static <E extends Enum<E>, V> Map<E, V> copy(Class<E> type, Map<E, V> map) {
    var copy = new EnumMap<E, V>(type);
    copy.putAll(map);
    return Collections.unmodifiableMap(copy);
  }
}
