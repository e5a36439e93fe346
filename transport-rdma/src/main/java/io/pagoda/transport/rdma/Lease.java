package io.pagoda.transport.rdma;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The use of a peer's grant by this side: where its windows are, as the peer says. One for many
 * batches, or one for each where the grant counts them. Guarded by {@link Leases}.
 */
final class Lease {
  private static final int[] NONE = {};
  /** As a bit among queue pairs. */
  private static final long FIRST = 1;

  private final int number;
  private final byte[] token;
  private final List<Transfer> waiting = new ArrayList<>();
  private final Set<Transfer> users = new HashSet<>();
  private byte[] table = {};
  private int filled;
  private int rights;
  private boolean counted;
  private long chunk;
  private long[] lengths = {};
  private long[] addresses = {};
  private int[][] keys = {};
  private int[] flushKeys = {};
  private int[] gpu = {};
  private int gpus;
  private long behindHost;
  private int behindHostKey;
  private boolean open;
  private boolean revoked;
  private long idleSince;
  private @Nullable GrantMetadata verified;

  Lease(int number, byte[] token) {
    this.number = number;
    this.token = token;
  }

  int number() {
    return number;
  }

  byte[] token() {
    return token;
  }

  List<Transfer> waiting() {
    return waiting;
  }

  Set<Transfer> users() {
    return users;
  }

  boolean open() {
    return open;
  }

  boolean counted() {
    return counted;
  }

  boolean revoked() {
    return revoked;
  }

  void revoke() {
    revoked = true;
  }

  long idleSince() {
    return idleSince;
  }

  void idle() {
    idleSince = System.nanoTime();
  }

  /** Takes a part of what the peer grants; {@code true} with the last. */
  boolean take(ByteBuffer part) {
    rights = part.getInt();
    counted = part.getInt() != 0;
    chunk = part.getLong();
    behindHost = part.getLong();
    behindHostKey = part.getInt();
    int total = part.getInt();
    int at = part.getInt();
    if (total < 0
        || total > GrantMetadata.MAX_BYTES
        || at != filled
        || chunk < 1
        || at + part.remaining() > total) {
      throw new IllegalArgumentException("what it grants is not as long as it says");
    }
    if (table.length < total) {
      table = Arrays.copyOf(table, total);
    }
    int bytes = part.remaining();
    part.get(table, at, bytes);
    filled += bytes;
    if (filled == total) {
      read(ByteBuffer.wrap(table).order(part.order()));
      open = true;
    }
    return open;
  }

  private void read(ByteBuffer in) {
    List<int[]> found = new ArrayList<>();
    List<long[]> places = new ArrayList<>();
    while (in.hasRemaining()) {
      long bytes = in.getLong();
      long address = in.getLong();
      int flush = in.getInt();
      int flushKey = in.getInt();
      long count = (bytes - 1) / chunk + 1;
      if (bytes < 1 || count > in.remaining() / Integer.BYTES) {
        throw new IllegalArgumentException("a window has no keys");
      }
      int[] of = new int[(int) count];
      for (int i = 0; i < of.length; i++) {
        of[i] = in.getInt();
      }
      found.add(of);
      places.add(new long[] {bytes, address, flush, flushKey});
    }
    keys = found.toArray(int[][]::new);
    lengths = places.stream().mapToLong(one -> one[0]).toArray();
    addresses = places.stream().mapToLong(one -> one[1]).toArray();
    flushKeys = places.stream().mapToInt(one -> (int) one[3]).toArray();
    gpu = places.stream().mapToInt(one -> (int) one[2]).toArray();
    gpus = Arrays.stream(gpu).max().orElse(0);
    if (gpus > gpu.length || Arrays.stream(gpu).anyMatch(one -> one < 0)) {
      throw new IllegalArgumentException("a window is of no GPU that there is");
    }
    table = new byte[0];
  }

  /** {@return why a batch may not be done, though its metadata says so} */
  @SuppressWarnings("ReferenceEquality") // the same object, so that nothing is compared again
  Optional<PagodaException> check(RemoteBatch batch) {
    if ((rights & batch.direction().right().bit()) == 0) {
      return Optional.of(outside(batch, "the grant is not for this direction"));
    }
    if (batch.grant() == verified) {
      return Optional.empty(); // what was checked against the metadata was checked against this
    }
    for (int i = 0; i < batch.size(); i++) {
      int window = batch.remoteWindow(i);
      boolean inside = window < lengths.length
          && batch.remoteOffset(i) >= 0
          && batch.length(i) <= lengths[window] - batch.remoteOffset(i);
      if (!inside) {
        return Optional.of(outside(batch, "range " + i + " is outside of its window"));
      }
    }
    if (same(batch.grant())) {
      verified = batch.grant();
    }
    return Optional.empty();
  }

  private boolean same(GrantMetadata grant) {
    boolean same = grant.windows() == lengths.length;
    for (int i = 0; same && i < lengths.length; i++) {
      same = grant.windowBytes(i) == lengths[i];
    }
    return same;
  }

  private static TransportException outside(RemoteBatch batch, String why) {
    return new TransportException(Why.OUTSIDE, Fault.PERMANENT, batch + ": " + why);
  }

  long address(int window) {
    return addresses[window];
  }

  int rkey(int window, long offset) {
    return keys[window][(int) (offset / chunk)];
  }

  /**
   * {@return what is read behind a batch, so that all of it is where it can be seen}
   *
   * <p>Of each GPU a byte by each queue pair that has written. What was written to host memory is
   * before what the same queue pair says afterwards; so where the peer is told by the first, the
   * others read a byte.
   *
   * @param movers the queue pairs that have written, a bit for each
   */
  List<FlushRead.From> behind(RemoteBatch batch, long movers) {
    if (batch.direction() == Direction.READ) {
      return List.of();
    }
    List<FlushRead.From> all = new ArrayList<>();
    for (int window : flushed(batch)) {
      by(movers, queue -> new FlushRead.From(queue, addresses[window], flushKeys[window]), all);
    }
    if (batch.notification().isPresent() && (movers & ~FIRST) != 0 && reachesHost(batch)) {
      by(movers & ~FIRST, queue -> new FlushRead.From(queue, behindHost, behindHostKey), all);
    }
    return all;
  }

  private static void by(long queues, IntFunction<FlushRead.From> read, List<FlushRead.From> to) {
    for (long left = queues; left != 0; left &= left - 1) {
      to.add(read.apply(Long.numberOfTrailingZeros(left)));
    }
  }

  private boolean reachesHost(RemoteBatch batch) {
    boolean found = gpus == 0;
    for (int i = 0; i < batch.size() && !found; i++) {
      found = gpu[batch.remoteWindow(i)] == 0;
    }
    return found;
  }

  /** {@return of each GPU that is to be flushed behind a batch, a window that it was written to} */
  int[] flushed(RemoteBatch batch) {
    if (gpus == 0) {
      return NONE;
    }
    int[] windows = new int[gpus];
    Arrays.fill(windows, -1);
    for (int i = 0; i < batch.size(); i++) {
      int window = batch.remoteWindow(i);
      if (gpu[window] > 0) {
        windows[gpu[window] - 1] = window;
      }
    }
    return Arrays.stream(windows).filter(window -> window >= 0).toArray();
  }

  /** {@return how many bytes from {@code offset} on are of one registration, at most} */
  long within(long offset) {
    return chunk - offset % chunk;
  }
}
