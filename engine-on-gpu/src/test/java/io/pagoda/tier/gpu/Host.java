package io.pagoda.tier.gpu;

import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Completion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/** What tests do with memory of the host and of a device. */
final class Host {
  private static final long PAGE = 4096;

  private Host() {}

  /** {@return memory that begins with a page and ends with one} */
  static MemorySegment pages(Arena arena, long bytes) {
    return arena.allocate(Math.ceilDiv(bytes, PAGE) * PAGE, PAGE);
  }

  /** Fills memory with bytes that depend on where they are. */
  static void fill(MemorySegment memory, long seed) {
    var random = new SplittableRandom(seed);
    long at = 0;
    for (; at + Long.BYTES <= memory.byteSize(); at += Long.BYTES) {
      memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
    }
    for (; at < memory.byteSize(); at++) {
      memory.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
    }
  }

  /** Waits until a device has pinned memory. */
  static void awaitPinned(CudaDevice device, MemorySegment memory) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!device.pinned(memory.address(), memory.byteSize())) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not pinned within a minute");
      }
      Thread.onSpinWait();
    }
  }

  /** Copies to a device, past everything that is tested. */
  static void write(CudaDevice device, DeviceMemory to, MemorySegment from) {
    try (var _ = device.context.enter()) {
      Cuda.check(
          JCudaDriver.cuMemcpyHtoD(
              CudaMemory.at(to.segment().address()), Pointer.to(from.asByteBuffer()),
              from.byteSize()),
          "cuMemcpyHtoD");
    }
  }

  /** Copies from a device, past everything that is tested. */
  static void read(CudaDevice device, DeviceMemory from, MemorySegment to) {
    try (var _ = device.context.enter()) {
      Cuda.check(
          JCudaDriver.cuMemcpyDtoH(
              Pointer.to(to.asByteBuffer()), CudaMemory.at(from.segment().address()),
              to.byteSize()),
          "cuMemcpyDtoH");
    }
  }

  /** A call that is told how it ended. */
  interface Call {
    void with(Completion completion);
  }

  /** Makes a call and waits for its end. */
  static BatchResult await(Call call) {
    var result = new CompletableFuture<BatchResult>();
    call.with(result::complete);
    return result.orTimeout(60, TimeUnit.SECONDS).join();
  }
}
