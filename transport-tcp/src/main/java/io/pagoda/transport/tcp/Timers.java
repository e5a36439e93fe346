package io.pagoda.transport.tcp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What happens later: a binary heap that knows where each entry is, so that taking back costs no
 * more than adding. Safe for use by many threads.
 */
final class Timers {
  private final Runnable earlier;
  private Timed[] heap = new Timed[64];
  private int size;

  /**
   * Creates it without any entry.
   *
   * @param earlier called when the first entry is to be waited for anew, by whoever added it
   */
  Timers(Runnable earlier) {
    this.earlier = earlier;
  }

  /** Adds an entry, or moves it to another time. */
  void set(Timed timed, long nanos) {
    boolean first;
    synchronized (this) {
      removeLocked(timed);
      timed.at = System.nanoTime() + nanos;
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, 2 * size);
      }
      up(timed, size++);
      first = timed.position == 0;
    }
    if (first) {
      earlier.run();
    }
  }

  /** Takes an entry back. */
  synchronized void remove(Timed timed) {
    removeLocked(timed);
  }

  private void removeLocked(Timed timed) {
    int at = timed.position;
    if (at < 0) {
      return;
    }
    timed.position = -1;
    Timed last = heap[--size];
    clear(size);
    if (size != at) {
      if (at > 0 && before(last, heap[(at - 1) / 2])) {
        up(last, at);
      } else {
        down(last, at);
      }
    }
  }

  @SuppressWarnings("NullAway") // what is behind the heap's end is nothing
  private void clear(int at) {
    heap[at] = null;
  }

  /** {@return how long until the first entry: at least 0; or −1 if there is none} */
  synchronized long untilFirst() {
    return size == 0 ? -1 : Math.max(0, heap[0].at - System.nanoTime());
  }

  /** Lets happen what is due; in the thread of the loop. */
  void fire() {
    while (true) {
      Timed due = due();
      if (due == null) {
        return;
      }
      Tasks.guarded(due::fire);
    }
  }

  private synchronized @Nullable Timed due() {
    if (size == 0 || heap[0].at - System.nanoTime() > 0) {
      return null;
    }
    Timed first = heap[0];
    removeLocked(first);
    return first;
  }

  private static boolean before(Timed one, Timed other) {
    return one.at - other.at < 0;
  }

  private void up(Timed timed, int from) {
    int at = from;
    while (at > 0 && before(timed, heap[(at - 1) / 2])) {
      put(heap[(at - 1) / 2], at);
      at = (at - 1) / 2;
    }
    put(timed, at);
  }

  private void down(Timed timed, int from) {
    int at = from;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], timed)) {
        break;
      }
      put(heap[child], at);
      at = child;
    }
    put(timed, at);
  }

  private void put(Timed timed, int at) {
    heap[at] = timed;
    timed.position = at;
  }
}
