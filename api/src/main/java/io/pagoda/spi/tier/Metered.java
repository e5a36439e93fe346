package io.pagoda.spi.tier;

import java.util.Map;

/**
 * The ability of a tier that counts what it does to its medium, which is more than the engine sees:
 * pages around what is asked for, and what the tier writes down for itself.
 *
 * <p><b>Threads.</b> Called from any thread, at any time until the tier is closed; does not block.
 */
public interface Metered {
  /** Something that is counted, since the tier was opened where nothing else is said. */
  enum Figure {
    /** How many bytes were read from the medium. */
    BYTES_READ,
    /** How many bytes were written to it. */
    BYTES_WRITTEN,
    /**
     * How many bytes were written to it since the tier was first formed there; of the last before a
     * process ended unexpectedly some may be missing.
     */
    BYTES_WRITTEN_EVER,
    /** How many records of blocks were written. */
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

  /** {@return the figures that the tier has; those that it has not are left out} */
  Map<Figure, Long> figures();

  /** {@return what is amiss with a part of a tier that works as a whole; empty if nothing is} */
  default String trouble() {
    return "";
  }
}
