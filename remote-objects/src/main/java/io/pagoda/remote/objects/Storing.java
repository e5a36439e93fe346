package io.pagoda.remote.objects;

import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Seals;
import java.util.List;

/**
 * A batch that is being stored: whole groups of consecutive blocks as an object each, and every
 * other block as one of its own. Where a block is already, it is stored.
 *
 * <p><b>Threads.</b> Any.
 *
 * @param context of the tier
 * @param conditions whether the server keeps to them
 * @param batch what is stored
 * @param seals of the batch
 * @param joint told of every object once it is stored, or is not
 */
record Storing(Context context, Conditions conditions, BlockBatch batch, Seals seals, Joint joint) {
  /** Starts every object. */
  static void start(
      Context context, Conditions conditions, BlockBatch batch, Seals seals,
      Completion completion) {
    List<int[]> objects = Grouping.of(batch, seals, context.group());
    var joint = new Joint(batch.size(), objects.size(), completion);
    var storing = new Storing(context, conditions, batch, seals, joint);
    for (int[] blocks : objects) {
      // Checksums, compression and encryption take their time, which is not the caller's.
      context.requests().execute(() -> storing.start(blocks));
    }
  }

  private void start(int[] blocks) {
    new Keeping(this, blocks).start().whenComplete((_, _) -> joint.ended());
  }
}
