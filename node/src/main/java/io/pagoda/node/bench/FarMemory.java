package io.pagoda.node.bench;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** Memory at the other end of a link, as it can be looked at from here. */
sealed interface FarMemory {
  /** {@return the memory, or a copy of it} */
  MemorySegment memory();

  /** Has the other end hold what {@link #memory} holds. */
  void push(long bytes);

  /** Has {@link #memory} hold what the other end holds. */
  void pull(long bytes);

  /** Memory of this process itself. */
  record Same(MemorySegment memory) implements FarMemory {
    @Override
    public void push(long bytes) {}

    @Override
    public void pull(long bytes) {}
  }

  /**
   * Memory of another process, with a copy here.
   *
   * @param link to it
   * @param grant the right to it
   * @param copy as long as the memory
   */
  record Other(Link link, GrantMetadata grant, Region copy) implements FarMemory {
    private static final Duration DEADLINE = Duration.ofMinutes(1);
    /** Of one range. */
    private static final long PIECE = 16 << 20;

    @Override
    public MemorySegment memory() {
      return copy.memory();
    }

    @Override
    public void push(long bytes) {
      move(Direction.WRITE, bytes);
    }

    @Override
    public void pull(long bytes) {
      move(Direction.READ, bytes);
    }

    private void move(Direction direction, long bytes) {
      int count = Math.toIntExact((bytes + PIECE - 1) / PIECE);
      long[] offsets = new long[count];
      long[] lengths = new long[count];
      for (int i = 0; i < count; i++) {
        offsets[i] = i * PIECE;
        lengths[i] = Math.min(PIECE, bytes - offsets[i]);
      }
      RemoteBatch all = new RemoteBatch(direction, copy, offsets, grant, offsets, lengths);
      link.post(all, DEADLINE).ended().toCompletableFuture().join().failure().ifPresent(why -> {
        throw new PagodaException(Fault.PERMANENT, "bench transport: " + why.getMessage(), why);
      });
    }
  }
}
