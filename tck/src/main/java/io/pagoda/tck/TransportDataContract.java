package io.pagoda.tck;

import static io.pagoda.tck.TransportTrial.BOTH;
import static io.pagoda.tck.TransportTrial.hasPattern;
import static io.pagoda.tck.TransportTrial.isFilled;
import static io.pagoda.tck.TransportTrial.told;
import static io.pagoda.tck.TransportTrial.whole;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.RemoteBatch.Side;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** What a transport moves is what was to be moved, and nothing else. */
public interface TransportDataContract extends TransportUnderTest {
  /** Bytes come as they are, whatever their number. */
  @Test
  default void movesBytesOfEverySize() {
    long[] sizes = {1, 7, 4_095, 4_096, 4_097, 65_536, (1 << 20) + 3, 9 << 20};
    try (var trial = new TransportTrial(this)) {
      for (long size : sizes) {
        MemorySegment source = trial.memory(size);
        MemorySegment target = trial.memory(size);
        Region local = trial.local(target);
        Pattern.write(source, size);
        Grant grant = trial.grant(source, BOTH, GrantListener.NONE);
        trial.moves(whole(Direction.READ, local, told(grant)));
        hasPattern(target, size, 0, "a read of " + size);
        Pattern.write(target, -size);
        trial.moves(whole(Direction.WRITE, local, told(grant)));
        hasPattern(source, -size, 0, "a write of " + size);
      }
    }
  }

  /** A batch reads ranges of several windows into several regions, and nothing beside them. */
  @Test
  default void readsScatteredRanges(Random random) {
    try (var trial = new TransportTrial(this)) {
      new Scatter(trial, random, 2_500, 999).check(Direction.READ);
    }
  }

  /** The same the other way. */
  @Test
  default void writesScatteredRanges(Random random) {
    try (var trial = new TransportTrial(this)) {
      new Scatter(trial, random, 2_500, 999).check(Direction.WRITE);
    }
  }

  /** A post may have very many ranges. */
  @Test
  default void movesFifteenThousandRanges(Random random) {
    try (var trial = new TransportTrial(this)) {
      new Scatter(trial, random, 15_000, 64).check(Direction.READ);
      new Scatter(trial, random, 15_000, 64).check(Direction.WRITE);
    }
  }

  /** The peer is told once, and finds all bytes in their place then. */
  @Test
  default void tellsOnceAfterTheData() {
    int rounds = thorough() ? 200 : 30;
    try (var trial = new TransportTrial(this)) {
      MemorySegment target = trial.memory(3 << 20);
      target.fill((byte) 0xff);
      MemorySegment middle = target.asSlice(1 << 20, (1 << 20) + 5);
      MemorySegment source = trial.memory(middle.byteSize());
      Region local = trial.local(source);
      var round = new AtomicInteger();
      var ears = new TransportTrial.Ears(() -> hasPattern(middle, round.get(), 0, "in a listener"));
      Window window = new Window(trial.remote(target), 1 << 20, middle.byteSize());
      Grant grant =
          trial.there().grant(new GrantTerms(List.of(window), BOTH, TransportTrial.LONG, 0), ears);
      for (int i = 0; i < rounds; i++) {
        round.set(i);
        Pattern.write(source, i);
        byte[] message = {(byte) i, 7};
        trial.moves(whole(Direction.WRITE, local, told(grant)).thenTell(new Notification(message)));
        assertEquals(i + 1, ears.messages.size());
      }
      ears.check();
      int i = 0;
      for (byte[] message : ears.messages) {
        assertArrayEquals(new byte[] {(byte) i++, 7}, message);
      }
      isFilled(target.asSlice(0, 1 << 20), (byte) 0xff, "what is before the window");
      isFilled(target.asSlice((2 << 20) + 5), (byte) 0xff, "what is behind the window");
    }
  }

  /** Reads tell, too, and an empty message is one. */
  @Test
  default void tellsOfReads() {
    try (var trial = new TransportTrial(this)) {
      var ears = new TransportTrial.Ears();
      Grant grant = trial.grant(trial.memory(100), BOTH, ears);
      Region local = trial.local(trial.memory(100));
      var nothing = new Notification(new byte[0]);
      trial.moves(whole(Direction.READ, local, told(grant)).thenTell(nothing));
      assertEquals(1, ears.messages.size());
      var longest = new byte[trial.here().capabilities().limits().messageBytes()];
      trial.moves(whole(Direction.READ, local, told(grant)).thenTell(new Notification(longest)));
      assertEquals(2, ears.messages.size());
      ears.check();
    }
  }

  /** Of one of very many batches, which waits for all others. */
  Duration MANY_DEADLINE = Duration.ofMinutes(20);

  /** Many threads share a link: every batch ends once, and every message comes once. */
  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
  default void takesTenThousandBatchesOfManyThreads(Random random) {
    int threads = 64;
    int each = thorough() ? 157 : 16;
    int bytes = 512;
    try (var trial = new TransportTrial(this)) {
      MemorySegment source = trial.memory((long) threads * bytes);
      MemorySegment target = trial.memory((long) threads * bytes);
      long seed = random.nextLong();
      Pattern.write(source, seed);
      var ears = new TransportTrial.Ears();
      Grant grant = trial.grant(source, BOTH, ears);
      Region local = trial.local(target);
      var before = trial.here().use();
      Queue<TransferHandle> handles = new ConcurrentLinkedQueue<>();
      var all = IntStream.range(0, threads).mapToObj(thread -> Thread.ofPlatform().start(() -> {
        long[] at = {(long) thread * bytes};
        for (int i = 0; i < each; i++) {
          byte[] message = ByteBuffer.allocate(Integer.BYTES).putInt(thread * each + i).array();
          RemoteBatch batch =
              new RemoteBatch(Direction.READ, local, at, told(grant), at, new long[] {bytes});
          handles.add(trial.link().post(batch.thenTell(new Notification(message)), MANY_DEADLINE));
        }
      })).toList();
      all.forEach(TransportDataContract::join);
      handles.forEach(handle -> {
        TransferEnd end = trial.end(handle);
        assertTrue(end.completed(), end::toString);
      });
      handles.forEach(handle -> trial.await(handle.quiet(), "being quiet"));
      assertEquals(threads * each, handles.size());
      BitSet heard = new BitSet();
      ears.messages.forEach(message -> heard.set(ByteBuffer.wrap(message).getInt()));
      assertEquals(threads * each, ears.messages.size(), "messages");
      assertEquals(threads * each, heard.cardinality(), "different messages");
      hasPattern(target, seed, 0, "what all have read");
      trial.until("all is given back", () -> before.equals(trial.here().use()));
      ears.check();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** Ranges in shuffled places of two regions and two windows, with guards between them. */
  final class Scatter {
    private final TransportTrial trial;
    private final int count;
    private final int stride;
    private final long seed;
    private final int[] place;
    private final long[] lengths;

    Scatter(TransportTrial trial, Random random, int count, int most) {
      this.trial = trial;
      this.count = count;
      stride = most + 9;
      seed = random.nextLong();
      place = IntStream.range(0, count).toArray();
      for (int i = count - 1; i > 0; i--) {
        int other = random.nextInt(i + 1);
        int swapped = place[i];
        place[i] = place[other];
        place[other] = swapped;
      }
      lengths = IntStream.range(0, count).mapToLong(_ -> 1 + random.nextInt(most)).toArray();
    }

    /** Half of the ranges are in each of two stretches; there, in shuffled order. */
    private Side side(boolean shuffled) {
      int[] places = new int[count];
      long[] offsets = new long[count];
      for (int i = 0; i < count; i++) {
        int at = shuffled ? place[i] : i;
        places[i] = at % 2;
        offsets[i] = (long) (at / 2) * stride;
      }
      return new Side(places, offsets);
    }

    void check(Direction direction) {
      List<MemorySegment> here = stretches();
      List<MemorySegment> there = stretches();
      boolean read = direction == Direction.READ;
      (read ? there : here).forEach(one -> Pattern.write(one, seed ^ one.address()));
      (read ? here : there).forEach(one -> one.fill((byte) 0x55));
      List<Region> regions = here.stream().map(trial::local).toList();
      List<Window> windows = there.stream().map(trial::remote).map(Window::of).toList();
      Grant grant = trial.there()
          .grant(new GrantTerms(windows, BOTH, TransportTrial.LONG, 0), GrantListener.NONE);
      Side local = side(false);
      Side remote = side(true);
      trial.moves(new RemoteBatch(direction, regions, local, told(grant), remote, lengths));
      compare(
          read ? here : there, read ? local : remote, read ? there : here, read ? remote : local);
    }

    private List<MemorySegment> stretches() {
      long bytes = (long) (count / 2 + 1) * stride;
      return List.of(trial.memory(bytes), trial.memory(bytes));
    }

    private void compare(
        List<MemorySegment> targets, Side to, List<MemorySegment> sources, Side from) {
      List<MemorySegment> expected = stretches();
      expected.forEach(one -> one.fill((byte) 0x55));
      for (int i = 0; i < count; i++) {
        MemorySegment.copy(
            sources.get(from.places()[i]), from.offsets()[i], expected.get(to.places()[i]),
            to.offsets()[i], lengths[i]);
      }
      for (int i = 0; i < 2; i++) {
        assertEquals(-1, targets.get(i).mismatch(expected.get(i)), "the first wrong byte");
      }
    }
  }
}
