package io.pagoda.core.run;

import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.Sections.Section;
import io.pagoda.core.observe.HopEvent;
import io.pagoda.core.plan.Hop;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Seals;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A hop on its way: what is left of it now that its plan has run so far, as a batch for its tier.
 *
 * <p><b>Threads.</b> Made by the conductor, then owned by whoever carries the batch, then by the
 * conductor again.
 */
final class HopRun {
  final PlanRun run;
  final int number;
  final Hop hop;

  /** The positions within the hop of the blocks that still move. */
  final int[] moving;

  /** Whole blocks, whatever part of them the hop moves. */
  final BlockBatch batch;

  /** For each moving block the checksum of each section that moves, as far as it is known. */
  final int[] checksums;

  /** Which moving blocks have known checksums. */
  final BitSet sealed;

  /** Which moving blocks arrived with other bytes than were sealed. */
  final BitSet corrupt = new BitSet();

  /** For a store to a tier that outlives the process: where each block is in its prefix. */
  private final @Nullable Places places;

  /**
   * Where blocks are in their prefixes.
   *
   * @param parents two words of the key of the block before each
   * @param depths how many come before each
   */
  record Places(long[] parents, int[] depths) {}

  BatchResult result = BatchResult.COMPLETE;

  /** When its tier counts as hanging, if it is not answered before. */
  ExpiryQueue.@Nullable Ticket<HopRun> deadline;

  /** Whether nobody waits for its tier any more. */
  volatile boolean givenUp;

  /** Whether it is known that not all of it will reach memory on devices. */
  volatile boolean broken;

  /** Tells the flight recorder of it. */
  final HopEvent event = new HopEvent();

  /** When it came into its lane, in nanoseconds. */
  long enteredAt;

  /** When it was handed to its tier, in nanoseconds. */
  long startedAt;

  private final List<Section> sections;
  private final Sections all;

  HopRun(
      PlanRun run, int number, int[] moving, BlockBatch batch, int[] checksums, BitSet sealed,
      @Nullable Places places, Sections all) {
    this.run = run;
    this.number = number;
    this.hop = run.plan.hops().get(number);
    this.moving = moving;
    this.batch = batch;
    this.checksums = checksums;
    this.sealed = sealed;
    this.places = places;
    this.all = all;
    this.sections = hop.section() == Hop.WHOLE ? all.list() : List.of(all.get(hop.section()));
  }

  /** {@return the same hop with an end, while this one is still its tier's} */
  HopRun endedWith(BatchResult end) {
    var twin = new HopRun(run, number, moving, batch, checksums, sealed, places, all);
    twin.result = end;
    twin.enteredAt = enteredAt;
    twin.startedAt = startedAt;
    return twin;
  }

  /** {@return the sections that move} */
  List<Section> sections() {
    return sections;
  }

  /** Computes the checksums that are not known; returns the batch as its tier is to have it. */
  BlockBatch seal(Checksums sums) {
    for (int i = sealed.nextClearBit(0); i < batch.size(); i = sealed.nextClearBit(i + 1)) {
      for (int s = 0; s < sections.size(); s++) {
        checksums[i * sections.size() + s] = sums.of(batch, i, sections.get(s));
      }
    }
    return places == null
        ? batch
        : batch.sealed(new Seals(places.parents, places.depths, checksums, sections.size()));
  }

  /** Learns what a block was sealed with, from a tier that others store to. */
  void sealed(int index, int[] sums, int from) {
    int each = sections.size();
    System.arraycopy(sums, from, checksums, index * each, each);
    sealed.set(index);
  }

  /** Compares what arrived with what was sealed. */
  void verify(Checksums sums) {
    for (int i = 0; i < batch.size(); i++) {
      if (result.moved(i) && !(sealed.get(i) && right(i, sums))) {
        corrupt.set(i);
      }
    }
  }

  private boolean right(int block, Checksums sums) {
    for (int s = 0; s < sections.size(); s++) {
      int sum = checksums[block * sections.size() + s];
      if (!sums.verify(batch, block, sections.get(s), sum)) {
        return false;
      }
    }
    return true;
  }

  /** {@return whether the moving block at {@code index} arrived as it should} */
  boolean arrived(int index) {
    return result.moved(index) && !corrupt.get(index);
  }

  /**
   * {@return whether every block of the hop has arrived, for one task, in slots of the hub that are
   * not the plan's own}
   */
  boolean whole() {
    return result instanceof BatchResult.Complete
        && moving.length == hop.size()
        && run.pieces.size() == 1
        && run.uses.length == 0
        && run.lost.isEmpty();
  }

  /** {@return bytes that move of one block} */
  long bytesPerBlock() {
    long bytes = 0;
    for (Section section : sections) {
      for (Sections.Range range : section.ranges()) {
        bytes += range.bytes();
      }
    }
    return bytes;
  }
}
