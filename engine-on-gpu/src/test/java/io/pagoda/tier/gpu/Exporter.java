package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.spi.device.DeviceMemory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import jcuda.driver.JCudaDriver;

/**
 * An engine in a process of its own: exports memory and two events, and checks what it is then
 * given.
 */
final class Exporter {
  static final int BYTES = 1 << 20;
  static final int OFFSET = 4096;

  private Exporter() {}

  public static void main(String[] args) throws IOException {
    var settings = new CudaSettings("", 4, CopyPath.AUTO, 0);
    CudaDevice device = CudaDevice.open(settings, "gpu");
    try (Arena arena = Arena.ofShared();
        DeviceMemory memory = device.allocate(BYTES)) {
      MemorySegment image = arena.allocate(BYTES);
      Host.fill(image, 17);
      Host.write(device, memory, image);
      TestEvent begun;
      TestEvent done;
      try (var _ = device.context.enter()) {
        begun = TestEvent.create();
        done = TestEvent.create();
        check(JCudaDriver.cuEventRecord(begun, null), "cuEventRecord");
        System.out
            .println("memory " + ExportNative.hex("cuIpcGetMemHandle", memory.segment().address()));
        System.out.println("begun " + ExportNative.hex("cuIpcGetEventHandle", begun.handle()));
        System.out.println("done " + ExportNative.hex("cuIpcGetEventHandle", done.handle()));
      }
      answer(device, memory, done, arena);
    }
    device.close();
  }

  /** Waits for the other process's word, and then on the device for its event. */
  private static void answer(CudaDevice device, DeviceMemory memory, TestEvent done, Arena arena)
      throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line = in.readLine();
    MemorySegment found = arena.allocate(BYTES);
    try (var _ = device.context.enter()) {
      check(JCudaDriver.cuStreamWaitEvent(null, done, 0), "cuStreamWaitEvent");
    }
    Host.read(device, memory, found);
    MemorySegment expected = arena.allocate(BYTES);
    Host.fill(expected, 17);
    expected.asSlice(OFFSET, BYTES - 2 * OFFSET).fill((byte) 0x33);
    System.out.println("difference " + expected.mismatch(found) + " after " + line);
    System.out.println("read " + in.readLine());
  }
}
