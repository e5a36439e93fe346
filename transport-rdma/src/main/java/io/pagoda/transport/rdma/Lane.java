package io.pagoda.transport.rdma;

import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/*
 * The send side of one queue pair. What there is to send waits in a queue; as long as there is
 * room, the first of it writes one list of requests, which is posted with one doorbell, and goes
 * last.
 *
 * Room is counted here, as the queue of a device cannot be asked, and a device forgets requests
 * only when one behind them has told its completion. So the last of each list does, and what it
 * tells of gives back the room of the whole list: requests of a queue pair complete in their order.
 * The queue is never drained: a list is posted as soon as the one a queue's length before is over.
 *
 * A device that takes only a part of a list has the rest posted when there is room again.
 */
/** Posts what there is to send as there is room. Used by one thread at a time. */
final class Lane {
  /** Requests that data leaves for messages. */
  private static final int FOR_MESSAGES = 16;

  private static final int NUMBERS = 0x3fff_ffff;

  private final WorkRing ring;
  private final int tag;
  private final long windowBytes;
  private final ArrayDeque<Work> waiting = new ArrayDeque<>();
  private final @Nullable Object[] owners;
  private final int[] requests;
  private final long[] bytes;
  private int free;
  private long moving;
  private int first;
  private int next;
  private int leftFrom;
  private int left;
  private int leftOpcode;
  private long leftId;
  private long doorbells;

  /**
   * Makes one.
   *
   * @param tag the upper half of what completions say
   * @param depth how many requests the queue pair takes
   * @param windowBytes how many bytes may be on their way; the last list may be of more
   */
  Lane(WorkRing ring, int tag, int depth, long windowBytes) {
    this.ring = ring;
    this.tag = tag;
    this.windowBytes = windowBytes;
    int lists = Integer.highestOneBit(depth) << 1;
    owners = new Object[lists];
    requests = new int[lists];
    bytes = new long[lists];
    free = depth;
  }

  void add(Work work) {
    waiting.addLast(work);
  }

  /** {@return bytes that wait or are on their way, as far as known here} */
  long moving() {
    return moving;
  }

  boolean idle() {
    return first == next && waiting.isEmpty();
  }

  long doorbells() {
    return doorbells;
  }

  /** Posts as much as there is room for. */
  void pump() throws IOException {
    if (left > 0 && !again()) {
      return;
    }
    while (free > FOR_MESSAGES && moving < windowBytes) {
      Work work = waiting.pollFirst();
      if (work == null) {
        return;
      }
      int most = Math.min(ring.capacity(), free - FOR_MESSAGES);
      int count = work.fill(ring, most, windowBytes - moving);
      if (count > 0 && !post(work, count)) {
        waiting.addLast(work);
        return;
      }
      if (work.more()) {
        waiting.addLast(work);
      }
    }
  }

  private boolean post(Work work, int count) throws IOException {
    long id = begin(work, count, ring.filled());
    int taken = ring.post(0, count, work.opcode(), id);
    doorbells++;
    if (taken == count) {
      return true;
    }
    leftFrom = taken;
    left = count - taken;
    leftOpcode = work.opcode();
    leftId = id;
    return false;
  }

  /** {@return whether the rest of a list was posted} */
  private boolean again() throws IOException {
    int taken = ring.post(leftFrom, left, leftOpcode, leftId);
    doorbells++;
    leftFrom += taken;
    left -= taken;
    return left == 0;
  }

  /** {@return whether a list is only partly posted, and nothing else is on its way} */
  boolean stuck() {
    return left > 0 && ((next - first) & NUMBERS) <= 1;
  }

  /** {@return whether a message can be posted} */
  boolean roomForMessage() {
    return free > 0 && left == 0;
  }

  /** Begins what is posted elsewhere, and returns what its completion is to say. */
  long begin(Object owner, int count, long size) {
    int at = next & owners.length - 1;
    owners[at] = owner;
    requests[at] = count;
    bytes[at] = size;
    free -= count;
    moving += size;
    long id = (long) tag << 32 | next;
    next = next + 1 & NUMBERS;
    return id;
  }

  /** {@return the lists that are over up to {@code number}, in {@code into}: how many} */
  int completed(int number, Over into) {
    int count = (number - first & NUMBERS) + 1;
    if (count > (next - first & NUMBERS)) {
      return 0;
    }
    into.reserve(count);
    for (int i = 0; i < count; i++) {
      int at = first & owners.length - 1;
      into.owners[i] = owners[at];
      into.bytes[i] = bytes[at];
      owners[at] = null;
      free += requests[at];
      moving -= bytes[at];
      first = first + 1 & NUMBERS;
    }
    return count;
  }

  void close() {
    ring.close();
  }

  /** What is over, for the thread that says so when it holds no lock. */
  static final class Over {
    @Nullable Object[] owners = new Object[256];
    long[] bytes = new long[256];

    private void reserve(int count) {
      if (owners.length < count) {
        owners = new Object[2 * count];
        bytes = new long[2 * count];
      }
    }
  }
}
