package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work that fails when a part of it is on its way. */
@OnGpu
class CudaStreamTest {
  private static final long BYTES = 1L << 30;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasPutInIsOverWhenTheCallerHearsThatTheRestWasNot(boolean beside) {
    CudaDevice device = CudaDevice.open(new CudaSettings("", 4, CopyPath.AUTO, 16 << 20), "gpu");
    var census = device.context.census;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment host = Host.pages(arena, BYTES);
      device.pin(host);
      Host.awaitPinned(device, host);
      long there = device.allocate(BYTES).segment().address();
      Road road = device.road(false);
      int events = census.events.get();
      var used = new AtomicReference<StreamHandle>();
      assertThrows(AssertionError.class, () -> road.stream().submit(stream -> {
        StreamHandle taken = beside ? road.staging().side() : stream;
        used.set(taken);
        Cuda.check(
            CallsNative.copy(host.address(), there, BYTES, taken.address()), "cuMemcpyAsync");
        throw new AssertionError("a copy is on its way, and that is all");
      }, _ -> {}));
      try (var _ = device.context.enter()) {
        assertEquals(CUresult.CUDA_SUCCESS, JCudaDriver.cuStreamQuery(used.get()), "it is over");
      }
      assertEquals(events, census.events.get(), "events are given back");
      device.close();
    }
    assertTrue(census.isEmpty(), census::toString);
  }
}
