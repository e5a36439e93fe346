package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.tck.Pattern;
import io.pagoda.tck.Seeded;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two wires within TLS, however their records are cut on the way. */
@ExtendWith(Seeded.class)
class TlsWireTest {
  private static final int CAPACITY = 5_000;
  private static final Tls NODE = Keys.get().node();

  /** Sends one memory and fills another, in stretches of any length. */
  private static final class Mover implements Wire.User {
    private final Wire wire;
    private final Random random;
    private final MemorySegment source;
    private final MemorySegment target;
    private final BufferVectors from;
    private final BufferVectors into;
    private final MemorySegment beyond = Arena.ofAuto().allocate(1);
    private long sent;
    private long come;
    private boolean waits;

    Mover(Wire wire, Random random, MemorySegment source, MemorySegment target) {
      this.wire = wire;
      this.random = random;
      this.source = source;
      this.target = target;
      from = (BufferVectors) wire.vectors(Arena.ofAuto(), 8);
      into = (BufferVectors) wire.vectors(Arena.ofAuto(), 8);
    }

    boolean over() {
      return sent == source.byteSize() && come == target.byteSize();
    }

    /** Vectors over what follows, in up to four stretches, most of them shorter than a record. */
    private void fill(BufferVectors vectors, MemorySegment memory, long at) {
      vectors.clear();
      long end = at;
      for (int i = 0; i < 4 && end < memory.byteSize(); i++) {
        long bytes = Math.min(memory.byteSize() - end, 1 + random.nextInt(20_000));
        vectors.add(memory, end, bytes);
        end += bytes;
      }
    }

    @Override
    public void readable() {
      try {
        while (come < target.byteSize()) {
          if (into.isEmpty()) {
            fill(into, target, come);
          }
          long count = wire.read(into);
          assertTrue(count >= 0, "the end came too early");
          if (count == 0) {
            return;
          }
          come += count;
          into.consume(count);
        }
        into.add(beyond, 0, 1); // a wire tells of what there is until nothing is
        assertEquals(0, wire.read(into), "more than was sent has come");
        into.clear();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void writable() {
      try {
        while (sent < source.byteSize()) {
          if (!waits) {
            fill(from, source, sent);
          }
          long count = wire.write(from);
          sent += count;
          waits = count == 0;
          if (waits) {
            return;
          }
        }
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void broken(IOException why) {
      throw new AssertionError(why);
    }

    @Override
    public void closed() {
      // As it should be.
    }
  }

  /** Both sides of a conversation. */
  private static final class Both implements AutoCloseable {
    final HandLoop loop = new HandLoop();
    final Census census = new Census();
    final SSLEngine asks = NODE.connecting(InetSocketAddress.createUnresolved("localhost", 1));
    final SSLEngine serves = NODE.serving();
    final Pipe pipe;
    final TlsWire here;
    final TlsWire there;
    final Mover one;
    final Mover other;
    private final Arena arena = Arena.ofShared();
    private final long seed;

    Both(Random random, int bytes, IntSupplier most) {
      seed = random.nextLong();
      pipe = new Pipe(most, CAPACITY);
      here = new TlsWire(pipe.one, loop, asks, census);
      there = new TlsWire(pipe.other, loop, serves, census);
      one = mover(here, random, seed, bytes);
      other = mover(there, random, seed + 1, bytes);
      here.user(one);
      there.user(other);
    }

    private Mover mover(TlsWire wire, Random random, long pattern, int bytes) {
      MemorySegment source = arena.allocate(bytes);
      Pattern.write(source, pattern);
      return new Mover(wire, random, source, arena.allocate(bytes));
    }

    /** Begins once more to send all. */
    void again() {
      for (Mover each : List.of(one, other)) {
        each.target.fill((byte) 0);
        each.sent = 0;
        each.come = 0;
      }
    }

    /** Lets both go on until all has come, and compares every byte. */
    void run(Runnable between) {
      long end = System.nanoTime() + Peers.PATIENCE.toNanos();
      while (!one.over() || !other.over()) {
        assertTrue(
            System.nanoTime() < end, () -> "stuck after %d and %d bytes, %d and %d sent"
                .formatted(one.come, other.come, one.sent, other.sent));
        long before = one.come + other.come + one.sent + other.sent;
        loop.turnAtOnce();
        pipe.one.tell();
        pipe.other.tell();
        if (before == one.come + other.come + one.sent + other.sent) {
          loop.turn();
        }
        between.run();
      }
      assertEquals(-1, one.source.mismatch(other.target), "what was served");
      assertEquals(-1, other.source.mismatch(one.target), "what was answered");
    }

    @Override
    public void close() {
      here.close();
      there.close();
      loop.stop();
      assertEquals(0, census.bufferBytes());
      arena.close();
    }
  }

  /** So every record, of the handshake too, is seen with each number of its bytes. */
  @Test
  void recordsMayBeCutAtEveryByte(Random random) {
    try (Both both = new Both(random, 40_000, () -> 1)) {
      both.run(() -> {});
    }
  }

  @Test
  void recordsMayBeCutAnywhere(Random random) {
    for (int round = 0; round < 20; round++) {
      int longest = 1 << random.nextInt(18);
      try (Both both = new Both(random, 150_000, () -> 1 + random.nextInt(longest))) {
        if (random.nextBoolean()) {
          both.here.grow();
          both.there.grow();
        }
        both.run(() -> {});
      }
    }
  }

  /** Either side asks for new keys in the midst of data of both. */
  @Test
  void keysMayChangeAtAnyTime(Random random) {
    for (int longest : new int[] {1, 1 << 8, 1 << 15}) {
      int[] updates = new int[1];
      try (Both both = new Both(random, 60_000, () -> 1 + random.nextInt(longest))) {
        both.run(() -> {
          boolean first = updates[0] == 0;
          if (both.one.come > 0 && both.other.come > 0 && (first || random.nextInt(3) == 0)) {
            update(random.nextBoolean() ? both.asks : both.serves);
            updates[0]++;
          }
        });
      }
      assertTrue(updates[0] > 0, "no keys have changed");
    }
  }

  /** Whoever asks for new keys without an end does not keep the thread to itself. */
  @Test
  void afterSomeRecordsThatBringNothingOthersGoOn(Random random) throws SSLException {
    int count = 3_000;
    try (Both both = new Both(random, 5_000, () -> Integer.MAX_VALUE)) {
      both.run(() -> {});
      ByteBuffer records = ByteBuffer.allocate(count * 100);
      for (int i = 0; i < count; i++) {
        both.asks.beginHandshake();
        both.asks.wrap(ByteBuffer.allocate(0), records);
      }
      both.pipe.other.say(records.array(), 0, records.position());
      int before = both.pipe.other.waiting();
      int turns = 0;
      while (both.pipe.other.waiting() > 0) {
        int left = both.pipe.other.waiting();
        both.there.readable();
        both.loop.turnAtOnce();
        turns += left < before ? 1 : 0;
        assertTrue(turns < count, "it does not go on");
      }
      assertTrue(turns > 1, "%d bytes were taken at once".formatted(before));
      for (int i = 0; i < count; i++) {
        both.loop.turnAtOnce();
        both.pipe.one.tell();
        both.pipe.other.tell();
      }
      both.again();
      both.run(() -> {});
    }
  }

  /** Once both have agreed, to begin a handshake is to ask for new keys. */
  private static void update(SSLEngine engine) {
    try {
      engine.beginHandshake();
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }
}
