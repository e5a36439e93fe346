package io.pagoda.remote.objects;

import java.util.concurrent.atomic.LongAdder;

/**
 * What was asked of a bucket.
 *
 * <p><b>Threads.</b> Any.
 */
final class Tally {
  /** Tries at requests. */
  final LongAdder requests = new LongAdder();

  /** Those among them that were not the first. */
  final LongAdder retries = new LongAdder();

  /** Tries that failed, other than that nothing was there or something was already. */
  final LongAdder failures = new LongAdder();

  /** Second reads beside a first one. */
  final LongAdder hedges = new LongAdder();

  /** Bytes of objects that came, with those that came again. */
  final LongAdder read = new LongAdder();

  /** Bytes of objects that were stored. */
  final LongAdder written = new LongAdder();

  /** Objects that were stored ... */
  final LongAdder objectsStored = new LongAdder();

  /** ... and the blocks in them. */
  final LongAdder blocksStored = new LongAdder();

  /** Objects of which blocks were loaded ... */
  final LongAdder objectsLoaded = new LongAdder();

  /** ... and those blocks. */
  final LongAdder blocksLoaded = new LongAdder();

  /** Blocks whose presence was asked for by the engine. */
  final LongAdder looked = new LongAdder();

  /** Presences that were known without a request. */
  final LongAdder cached = new LongAdder();

  /** Stores of blocks that were there already. */
  final LongAdder spared = new LongAdder();

  /** Bytes of blocks before they were packed ... */
  final LongAdder packedFrom = new LongAdder();

  /** ... and after. */
  final LongAdder packedTo = new LongAdder();

  /** Nanoseconds that packing and unpacking took. */
  final LongAdder packing = new LongAdder();

  /** Blocks that were deleted to keep within the capacity. */
  final LongAdder cleaned = new LongAdder();
}
