package io.pagoda.transport.tcp;

import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Side;
import java.util.stream.IntStream;

/**
 * The ranges of a batch, for batches that are almost the same.
 *
 * @param batch the batch
 */
record AlmostTheBatch(RemoteBatch batch) {
  static AlmostTheBatch of(RemoteBatch batch) {
    return new AlmostTheBatch(batch);
  }

  /** {@return the batch without one of its ranges} */
  RemoteBatch without(int range) {
    int[] all = IntStream.range(0, batch.size()).filter(i -> i != range).toArray();
    return ranges(all, all);
  }

  /** {@return the batch, where each of two ranges goes to where the other belongs} */
  RemoteBatch swapped(int one, int other) {
    int[] all = IntStream.range(0, batch.size()).toArray();
    int[] swapped = all.clone();
    swapped[one] = other;
    swapped[other] = one;
    return ranges(swapped, all);
  }

  private RemoteBatch ranges(int[] here, int[] there) {
    var local = new Side(
        IntStream.of(here).map(batch::localRegion).toArray(),
        IntStream.of(here).mapToLong(batch::localOffset).toArray());
    var remote = new Side(
        IntStream.of(there).map(batch::remoteWindow).toArray(),
        IntStream.of(there).mapToLong(batch::remoteOffset).toArray());
    long[] lengths = IntStream.of(there).mapToLong(batch::length).toArray();
    return new RemoteBatch(
        batch.direction(), batch.regions(), local, batch.grant(), remote, lengths);
  }
}
