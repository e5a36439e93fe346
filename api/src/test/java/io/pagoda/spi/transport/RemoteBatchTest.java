package io.pagoda.spi.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.RemoteBatch.Side;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** A batch is checked before anybody moves it. */
class RemoteBatchTest {
  private final GrantMetadata grant = new GrantMetadata(
      "tcp", new UUID(1, 2), new byte[16], Set.of(Right.READ), Instant.EPOCH, new long[] {100, 50},
      new byte[0]);
  private final Region region = region(64);

  private static Region region(long bytes) {
    MemorySegment memory = Arena.ofAuto().allocate(bytes);
    return new Region() {
      @Override
      public MemorySegment memory() {
        return memory;
      }

      @Override
      public MemoryPlace place() {
        return MemoryPlace.HOST;
      }

      @Override
      public void close() {}

      @Override
      public CompletionStage<Void> released() {
        return CompletableFuture.completedStage(null);
      }
    };
  }

  private RemoteBatch read(long local, int window, long remote, long length) {
    return new RemoteBatch(
        Direction.READ, List.of(region), new Side(local), grant,
        new Side(new int[] {window}, new long[] {remote}), new long[] {length});
  }

  @Test
  void takesWhatFits() {
    RemoteBatch batch = read(0, 1, 0, 50);
    batch.checkRemote();
    assertEquals(50, batch.bytes());
    assertEquals(0, batch.localRegion(0));
    assertEquals(1, batch.remoteWindow(0));
  }

  @Test
  void refusesWhatIsOutsideHere() {
    assertThrows(IndexOutOfBoundsException.class, () -> read(64, 0, 0, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> read(-1, 0, 0, 1));
    assertThrows(IndexOutOfBoundsException.class, () -> read(1, 0, 0, 64));
    assertThrows(IndexOutOfBoundsException.class, () -> read(1, 0, 0, Long.MAX_VALUE));
    assertThrows(IllegalArgumentException.class, () -> read(1, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> read(1, 0, 0, -1));
  }

  @Test
  void refusesWhatIsOutsideThere() {
    assertThrows(IndexOutOfBoundsException.class, () -> read(0, 1, 0, 51).checkRemote());
    assertThrows(IndexOutOfBoundsException.class, () -> read(0, 1, 50, 1).checkRemote());
    assertThrows(IndexOutOfBoundsException.class, () -> read(0, 1, -1, 1).checkRemote());
    assertThrows(IndexOutOfBoundsException.class, () -> read(0, 2, 0, 1).checkRemote());
    assertThrows(IndexOutOfBoundsException.class, () -> read(0, -1, 0, 1).checkRemote());
  }

  @Test
  void refusesTheWrongWay() {
    RemoteBatch write =
        new RemoteBatch(Direction.WRITE, region, new long[1], grant, new long[1], new long[] {1});
    assertThrows(IllegalArgumentException.class, write::checkRemote);
  }

  @Test
  void refusesArraysThatDoNotFit() {
    assertThrows(
        IllegalArgumentException.class, () -> new RemoteBatch(
            Direction.READ, region, new long[2], grant, new long[1], new long[] {1}));
    assertThrows(
        IllegalArgumentException.class, () -> new RemoteBatch(
            Direction.READ, region, new long[0], grant, new long[0], new long[0]));
  }

  @Test
  void keepsWhatItTells() {
    RemoteBatch told = read(0, 0, 0, 1).thenTell(new Notification(new byte[] {7}));
    assertEquals(7, told.notification().orElseThrow().message()[0]);
  }
}
