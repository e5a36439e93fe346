package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.OperationKind;
import io.pagoda.OperationTerms;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.RemoteBatch.Side;
import java.util.Arrays;
import java.util.List;

/**
 * What an operation that begins is to do.
 *
 * @param payload what the peer exposes
 * @param chosen by what way
 * @param local what goes with it here
 * @param terms for how long
 */
record Plan(Payload payload, Tracks.Chosen chosen, List<Descriptor> local, OperationTerms terms) {
  /** Copies the list. */
  Plan {
    local = List.copyOf(local);
  }

  OperationKind kind() {
    return payload.kind();
  }

  Track track() {
    return chosen.track();
  }

  Offer offer() {
    return chosen.offer();
  }

  /**
   * {@return whether the peer hears that it is done by a message of its own: of a read that is
   * compared here first, or copied on}
   */
  boolean tellsLater() {
    return kind() == OperationKind.READ && (payload.verified() || chosen.staged());
  }

  /** {@return whether the bytes are compared here before the peer hears of them} */
  boolean comparesHere() {
    return payload.verified() && kind() == OperationKind.READ;
  }

  /** Refuses what cannot be verified as the peer wants it. */
  void check() {
    if (!payload.verified()) {
      return;
    }
    if (!chosen.staged()) {
      Sums.checkHost(local);
    }
    int most = track().transport().capabilities().limits().messageBytes();
    if (kind() == OperationKind.WRITE && Told.size(local.size()) > most) {
      throw Troubles.shape(
          "%d descriptors are too many to verify in one operation: their checksums are a message of"
              .formatted(local.size()) + " more than %d bytes".formatted(most));
    }
  }

  /**
   * {@return the ranges, no longer than the transport takes, and what the peer hears at the end}
   */
  RemoteBatch batch(Local memory) {
    long most = track().transport().capabilities().limits().rangeBytes();
    int count = local.stream().mapToInt(one -> (int) ((one.bytes() - 1) / most + 1)).sum();
    int[] places = new int[count];
    long[] offsets = new long[count];
    int[] windows = new int[count];
    long[] starts = new long[count];
    long[] lengths = new long[count];
    int range = 0;
    for (int i = 0; i < local.size(); i++) {
      long bytes = local.get(i).bytes();
      for (long at = 0; at < bytes; at += lengths[range++]) {
        places[range] = memory.region(i);
        offsets[range] = memory.offset(i) + at;
        windows[range] = i;
        starts[range] = at;
        lengths[range] = Math.min(most, bytes - at);
      }
    }
    Direction way = kind() == OperationKind.READ ? Direction.READ : Direction.WRITE;
    RemoteBatch batch = new RemoteBatch(
        way, memory.regions(), new Side(places, offsets), offer().data(), new Side(windows, starts),
        lengths);
    return tellsLater() ? batch : batch.thenTell(new Notification(done(memory).encode()));
  }

  /** {@return what the peer hears of it in the end} */
  Told done(Local memory) {
    long bytes = local.stream().mapToLong(Descriptor::bytes).sum();
    boolean compared = payload.verified() && kind() == OperationKind.WRITE;
    return Told.done(payload.key(), bytes, compared ? Sums.of(memory.memory()) : new int[0]);
  }

  @Override
  public String toString() {
    return "A %s of %d bytes, operation %s of %s".formatted(
        kind(), local.stream().mapToLong(Descriptor::bytes).sum(), payload.key(),
        offer().peer().name());
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(new Object[] {payload.key()});
  }
}
