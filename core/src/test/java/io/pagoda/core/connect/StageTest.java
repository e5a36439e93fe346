package io.pagoda.core.connect;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.core.pool.HostDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Staging memory is lent, cleared and given back, whatever fails. */
@Timeout(60)
class StageTest {
  private static final int BYTES = 5_000;
  private static final List<Descriptor> STRETCH =
      List.of(Descriptor.of(1_000, BYTES, Device.cuda(0)));

  private final HostDevice device = new HostDevice("GPU-1");
  private final Arena arena = Arena.ofShared();

  @AfterEach
  void close() {
    device.close();
    arena.close();
  }

  private Stages stages(Arena from) {
    return new Stages(
        new StagingMemory(from, 1 << 20, List.of(device)), List.of(device.uuid()), Runnable::run);
  }

  private static void await(CompletionStage<?> stage) throws Exception {
    stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** What one peer wrote there is not what another's device memory gets. */
  @Test
  void whatWasThereBeforeIsCleared() throws Exception {
    try (Stages stages = stages(arena)) {
      Stage first = stages.exposing(STRETCH);
      await(first.open(false));
      MemorySegment memory = first.memory().getFirst().fill((byte) 0x55);
      await(first.close());
      Stage second = stages.exposing(STRETCH);
      await(second.open(false));
      assertEquals(memory.address(), second.memory().getFirst().address());
      second.clear();
      assertArrayEquals(new byte[BYTES], memory.toArray(JAVA_BYTE));
      await(second.close());
      assertEquals(0, stages.lent());
    }
  }

  @Test
  void moreThanAnybodyHasIsRefused() {
    try (Stages stages = stages(arena)) {
      for (long bytes : new long[] {1 << 20, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
        List<Descriptor> most =
            List.of(Descriptor.of(1, bytes, Device.cuda(0)), STRETCH.getFirst());
        var refused = assertThrows(ConnectorException.class, () -> stages.beginning(most));
        assertEquals(Trouble.NO_TRANSPORT, refused.trouble());
        assertTrue(
            String.valueOf(refused.getMessage()).contains("pagoda.connector.staging"),
            refused::getMessage);
      }
    }
  }

  /** A machine that has no more memory has no operation wait for ever. */
  @Test
  void anErrorGivesBackWhatWasLent() throws Exception {
    Arena empty = new Arena() {
      @Override
      public MemorySegment allocate(long bytes, long alignment) {
        throw new OutOfMemoryError("nothing is left");
      }

      @Override
      public MemorySegment.Scope scope() {
        return arena.scope();
      }

      @Override
      public void close() {}
    };
    try (Stages stages = stages(empty)) {
      Stage stage = stages.beginning(STRETCH);
      var failed = assertThrows(ExecutionException.class, () -> await(stage.open(true)));
      Throwable cause = failed.getCause();
      assertInstanceOf(
          OutOfMemoryError.class, cause instanceof CompletionException ? cause.getCause() : cause);
      await(stage.close());
      assertEquals(0, stages.lent());
    }
  }
}
