package io.pagoda.tier.ssd;

import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch whose blocks are on several devices. It ends when the last of them has, and devices do
 * not wait for each other before.
 *
 * <p><b>Threads.</b> Any.
 */
final class Joint {
  private final BlockBatch batch;
  private final Completion completion;
  private final BitSet missed = new BitSet();
  private int open;
  private @Nullable PagodaException cause;
  private int firstMissed = Integer.MAX_VALUE;

  private Joint(BlockBatch batch, Completion completion) {
    this.batch = batch;
    this.completion = completion;
  }

  /** Returns the transfers of a batch, one for each device that has blocks of it. */
  static List<Transfer> split(
      BlockBatch batch, boolean store, Completion completion, Layout layout) {
    if (layout.directories() == 1) {
      return List.of(new Transfer(batch, store, completion));
    }
    int[][] positions = byDevice(batch, layout);
    var joint = new Joint(batch, completion);
    List<Transfer> parts = new ArrayList<>();
    for (int device = 0; device < positions.length; device++) {
      if (positions[device].length > 0) {
        parts.add(new Transfer(batch, device, positions[device], store, joint::ended));
      }
    }
    joint.open = parts.size();
    return parts;
  }

  private static int[][] byDevice(BlockBatch batch, Layout layout) {
    int[] devices = new int[batch.size()];
    int[] counts = new int[layout.directories()];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = layout.directory(batch.slot(i));
      counts[devices[i]]++;
    }
    int[][] positions = new int[counts.length][];
    Arrays.setAll(positions, device -> new int[counts[device]]);
    for (int i = devices.length - 1; i >= 0; i--) {
      positions[devices[i]][--counts[devices[i]]] = i;
    }
    return positions;
  }

  private void ended(BatchResult part) {
    BatchResult result = add(part);
    if (result != null) {
      completion.complete(result);
    }
  }

  /** Adds what became of one part, and returns what became of all if it was the last. */
  private synchronized @Nullable BatchResult add(BatchResult part) {
    switch (part) {
      case BatchResult.Complete _ -> {}
      case BatchResult.Partial partial -> miss(partial.missed(), partial.cause());
      case BatchResult.Failed failed -> {
        missed.set(0, batch.size());
        cause = failed.cause();
      }
    }
    return --open == 0 ? result() : null;
  }

  private void miss(BitSet more, PagodaException why) {
    missed.or(more);
    if (more.nextSetBit(0) < firstMissed) {
      firstMissed = more.nextSetBit(0);
      cause = why;
    }
  }

  private BatchResult result() {
    PagodaException why = cause;
    if (why == null) {
      return BatchResult.COMPLETE;
    }
    return missed.cardinality() == batch.size()
        ? new BatchResult.Failed(why)
        : new BatchResult.Partial(missed, why);
  }
}
