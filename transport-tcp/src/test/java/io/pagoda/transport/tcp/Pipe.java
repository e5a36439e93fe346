package io.pagoda.transport.tcp;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Two wires in memory, of which each has what the other wrote, in pieces of any size. */
final class Pipe {
  final End one;
  final End other;

  /**
   * Creates it.
   *
   * @param most how many bytes are read or written at once, asked each time; at least 1
   * @param capacity how many may have been written and not read
   */
  Pipe(IntSupplier most, int capacity) {
    one = new End(most, capacity);
    other = new End(most, capacity);
    one.peer = other;
    other.peer = one;
  }

  /** One of them. */
  static final class End implements Wire {
    private final IntSupplier most;
    private final int capacity;
    private final ArrayDeque<Byte> bytes = new ArrayDeque<>();
    private @Nullable End peer;
    private @Nullable User user;
    private boolean closed;

    private End(IntSupplier most, int capacity) {
      this.most = most;
      this.capacity = capacity;
    }

    /** Tells its user that something may have come, and that there may be room. */
    void tell() {
      User told = user;
      if (told != null && !closed) {
        told.readable();
      }
      if (told != null && !closed) {
        told.writable();
      }
    }

    /** {@return how many bytes were not read yet} */
    int waiting() {
      return bytes.size();
    }

    boolean isClosed() {
      return closed;
    }

    /** Has its user find these bytes next, behind those that there are. */
    void say(byte[] some, int from, int to) {
      for (int i = from; i < to; i++) {
        bytes.add(some[i]);
      }
    }

    /** {@return what there is, which is read by that} */
    byte[] heard() {
      var heard = new ByteArrayOutputStream();
      while (!bytes.isEmpty()) {
        heard.write(bytes.remove());
      }
      return heard.toByteArray();
    }

    @Override
    public Vectors vectors(Arena arena, int capacity) {
      return new BufferVectors(capacity);
    }

    @Override
    public long read(Vectors into) {
      BufferVectors all = (BufferVectors) into;
      int count = 0;
      int room = most.getAsInt();
      for (int i = all.first(); i < all.first() + all.count(); i++) {
        ByteBuffer buffer = all.buffers()[i];
        for (; buffer.hasRemaining() && !bytes.isEmpty() && count < room; count++) {
          buffer.put(bytes.remove());
        }
      }
      return count == 0 && (closed || other().closed) ? -1 : count;
    }

    @Override
    public long write(Vectors from) {
      BufferVectors all = (BufferVectors) from;
      int count = 0;
      int room = Math.min(most.getAsInt(), capacity - other().bytes.size());
      for (int i = all.first(); i < all.first() + all.count(); i++) {
        ByteBuffer buffer = all.buffers()[i];
        for (; buffer.hasRemaining() && count < room; count++) {
          other().bytes.add(buffer.get());
        }
      }
      return count;
    }

    private End other() {
      return Objects.requireNonNull(peer);
    }

    @Override
    public void user(User user) {
      this.user = user;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        User told = user;
        if (told != null) {
          told.closed();
        }
      }
    }

    @Override
    public String remote() {
      return "the other end";
    }
  }
}
