package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.DeviceEvent;
import io.pagoda.DeviceOrder;
import io.pagoda.Fetch;
import io.pagoda.Job;
import io.pagoda.JobOptions;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.PagodaException;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.graph.Sections;
import io.pagoda.spi.device.DeviceMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Memory and events of another process. */
@OnGpu
class CudaIpcTest {
  private static final int BYTES = Exporter.BYTES - 2 * Exporter.OFFSET;
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.BLOCK_FIRST, 1, 1, 2, BYTES / 2);
  private static final BlockKeys KEYS = BlockKeys.ofWords(new long[] {1, 2, 3, 4});

  private static byte[] handle(Child child, String word) throws Exception {
    return HexFormat.of().parseHex(child.after(word));
  }

  @Test
  void anotherProcessesMemoryIsReadAndWrittenInItsOrder() throws Exception {
    try (Child child = Child.run(Exporter.class);
        Arena arena = Arena.ofShared();
        Rig rig = Rig.open(4, Sections.whole(SPEC.blockBytes()))) {
      String uuid = rig.device().uuid();
      byte[] exported = handle(child, "memory");
      DeviceEvent begun = DeviceEvent.exported(uuid, handle(child, "begun"));
      DeviceEvent done = DeviceEvent.exported(uuid, handle(child, "done"));
      try (DeviceMemory memory = rig.device().open(exported, Exporter.OFFSET, BYTES);
          Pool pool = rig.store()
              .register(List.of(new PoolPart(SPEC, List.of(memory.segment()), 0, 0, false, uuid)));
          Pool host =
              rig.store().register(List.of(PoolPart.whole(SPEC, arena.allocate(SPEC.bytes()))))) {
        var order = JobOptions.DEFAULT.ordered(DeviceOrder.NONE.after(begun).end(done));
        assertEquals(2, await(rig.store().put(KEYS, pool, new int[] {0, 1}, order)).blocks());
        await(rig.store().fetch(rig.store().match(KEYS), host, 0, 1));
        MemorySegment theirs = arena.allocate(Exporter.BYTES);
        Host.fill(theirs, 17);
        assertEquals(
            -1, theirs.asSlice(Exporter.OFFSET, BYTES)
                .mismatch(host.parts().getFirst().memory().getFirst()),
            "what was put");
        fetchOther(rig, pool, host, order);
        child.say("fetched");
        assertEquals("-1 after fetched", child.after("difference"));
      }
      child.say("closed");
      assertEquals("closed", child.after("read"));
      assertEquals(0, child.end(), child::toString);
    }
  }

  private static void fetchOther(Rig rig, Pool pool, Pool host, JobOptions order) {
    host.parts().getFirst().memory().getFirst().fill((byte) 0x33);
    BlockKeys others = BlockKeys.ofWords(new long[] {5, 6, 7, 8});
    await(rig.store().put(others, host, 0, 1));
    var fetch = new Fetch(rig.store().match(others), new int[] {0, 1}, order);
    assertEquals(2, await(rig.store().fetch(pool, List.of(fetch)).getFirst()).blocks());
  }

  private static Outcome await(Job job) {
    return job.outcome().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  @Test
  void moreThanTheHandleStandsForIsRefusedAndNothingOfItKept() throws Exception {
    CudaDevice device = CudaDevice.open(new CudaSettings("", 4, CopyPath.AUTO, 0), "gpu");
    var census = device.context.census;
    try (Child child = Child.run(Exporter.class)) {
      byte[] exported = handle(child, "memory");
      for (long[] much : new long[][] {{0, 1L << 30}, {1L << 30, 1},
        {Exporter.OFFSET, Long.MAX_VALUE}, {Long.MAX_VALUE, 1}}) {
        var refused = assertThrows(
            PagodaException.class, () -> device.open(exported, much[0], much[1]).close());
        String message = String.valueOf(refused.getMessage());
        String end = "which has no %d bytes from byte %d on".formatted(much[1], much[0]);
        assertTrue(
            message.matches("The handle stands for [0-9.]+ MiB \\(\\d+ bytes\\), " + end), message);
      }
      assertEquals(0, census.allocations.get(), "what was opened is closed");
      device.open(exported, Exporter.OFFSET, BYTES).close();
      device.close();
      child.say("fetched");
      child.say("closed");
      assertEquals(0, child.end(), child::toString);
    }
    assertTrue(census.isEmpty(), census::toString);
  }

  @Test
  void whatIsNoHandleOfMemoryIsRefusedWithTheReason() {
    try (Rig rig = Rig.open(4, Sections.whole(4096))) {
      var refused =
          assertThrows(PagodaException.class, () -> rig.device().open(new byte[64], 0, 1 << 20));
      String message = String.valueOf(refused.getMessage());
      assertTrue(message.contains("cuIpcOpenMemHandle of 1 MiB on GPU-"), message);
      assertTrue(message.contains("expandable_segments"), message);
      var tooLong =
          assertThrows(IllegalArgumentException.class, () -> rig.device().open(new byte[66], 0, 1));
      assertTrue(String.valueOf(tooLong.getMessage()).contains("has 64 bytes"));
    }
  }
}
