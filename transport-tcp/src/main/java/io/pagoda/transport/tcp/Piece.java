package io.pagoda.transport.tcp;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A part of a batch that travels as one: some ranges, of which the first and the last may be cut;
 * or what the peer is to be told.
 */
final class Piece implements Ranges, Outgoing {
  private final Transfer transfer;
  private final RemoteBatch batch;
  private final long id;
  private final int first;
  private final int count;
  private final long skip;
  private final long lastBytes;
  private final long bytes;
  private final boolean checked;
  private int[] crcs = {};
  private boolean sent;

  /**
   * Makes a piece of ranges.
   *
   * @param from the first range, and how many of its bytes went before
   * @param count how many ranges; 0 for a message
   * @param lastBytes of the last range, from where the piece has it
   * @param bytes of the whole piece
   */
  Piece(Transfer transfer, long id, Cursor from, int count, long lastBytes, long bytes) {
    this.transfer = transfer;
    this.id = id;
    this.count = count;
    this.lastBytes = lastBytes;
    this.bytes = bytes;
    batch = transfer.batch();
    checked = transfer.checked();
    first = from.range();
    skip = from.skip();
  }

  /** A position in a batch. */
  record Cursor(int range, long skip) {}

  long id() {
    return id;
  }

  long bytes() {
    return bytes;
  }

  boolean isRead() {
    return count > 0 && batch.direction() == Direction.READ;
  }

  boolean tells() {
    return count == 0;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public MemorySegment memory(int index) {
    return batch.regions().get(batch.localRegion(first + index)).memory();
  }

  @Override
  public long offset(int index) {
    return batch.localOffset(first + index) + (index == 0 ? skip : 0);
  }

  @Override
  public long bytes(int index) {
    if (index == count - 1) {
      return lastBytes;
    }
    return batch.length(first + index) - (index == 0 ? skip : 0);
  }

  @Override
  public int encode(MemorySegment at) {
    Frame.bytes(at, Frame.HEADER_BYTES, transfer.token());
    at.set(Frame.LONG, Frame.HEADER_BYTES + Frame.TOKEN_BYTES, transfer.id());
    if (tells()) {
      byte[] message = transfer.message();
      Frame.bytes(at, Frame.HEADER_BYTES + Frame.REQUEST_BYTES, message);
      return Frame.header(at, Frame.TELL, 0, Frame.REQUEST_BYTES + message.length, id, 0);
    }
    long end = ranges(at);
    if (isRead()) {
      int[] kind = {Frame.READ, checked ? Frame.WANT_CHECKS : 0, 0, count};
      return Frame.header(at, kind, (int) end - Frame.HEADER_BYTES, id, 0);
    }
    int sums = checked ? Service.crcs(this, at, end) : 0;
    int[] kind = {Frame.WRITE, checked ? Frame.CHECKED : 0, 0, count};
    return Frame.header(at, kind, (int) end + sums - Frame.HEADER_BYTES, id, bytes);
  }

  private long ranges(MemorySegment at) {
    long to = Frame.HEADER_BYTES + Frame.REQUEST_BYTES;
    for (int i = 0; i < count; i++) {
      at.set(Frame.LONG, to, batch.remoteOffset(first + i) + (i == 0 ? skip : 0));
      at.set(Frame.INT, to + 8, batch.remoteWindow(first + i));
      at.set(Frame.INT, to + 12, (int) bytes(i));
      to += Frame.RANGE_BYTES;
    }
    return to;
  }

  @Override
  public @Nullable Ranges payload() {
    return tells() || isRead() ? null : this;
  }

  @Override
  public void sent() {
    sent = true;
  }

  /** {@return whether it may be answered: the kernel has taken all of it} */
  boolean wasSent() {
    return sent;
  }

  /** Remembers what the peer says the bytes are that come. */
  void expect(MemorySegment body) {
    crcs = Service.crcs(body, 0, checked ? count : 0);
  }

  /** {@return how long the body of an answer with the bytes is} */
  int answerBytes() {
    return checked ? count * Frame.CRC_BYTES : 0;
  }

  /** {@return the range, by its number in the batch, whose bytes have changed, or −1} */
  int changed() {
    for (int i = 0; i < crcs.length; i++) {
      if (Service.crc(this, i) != crcs[i]) {
        return first + i;
      }
    }
    return -1;
  }

  /** The piece is over: nothing touches its memory any more. */
  void over(@Nullable PagodaException failure) {
    transfer.over(this, failure);
  }

  @Override
  public String toString() {
    return tells() ? "a notification" : "ranges %d to %d".formatted(first, first + count - 1);
  }
}
