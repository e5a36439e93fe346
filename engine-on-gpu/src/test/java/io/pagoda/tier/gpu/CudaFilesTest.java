package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.device.DeviceFile;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.FileRange;
import io.pagoda.spi.device.FileRoute;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files to and from a device's memory by cuFile, where it is; elsewhere it says why it is not. */
@OnGpu
class CudaFilesTest {
  private static final int BYTES = 24 << 20;
  private static final long SEED = Long.getLong("pagoda.seed", System.nanoTime());

  @TempDir private Path directory = Path.of("");

  private static CudaDevice open() {
    return CudaDevice.open(new CudaSettings("", 4, CopyPath.AUTO, 16 << 20), "gpu");
  }

  /** {@return the road; cuFile takes no file of some file systems and machines, and says so} */
  private FileRoute route(CudaDevice device) {
    FileRoute route = device.ability(FileRoute.class).orElseThrow();
    if (route.availability() instanceof Availability.Unavailable not) {
      var refused = assertThrows(PagodaException.class, () -> route.open(Path.of("any"), false));
      assertTrue(String.valueOf(refused.getMessage()).contains(not.reason()), refused.getMessage());
      abort(not.reason());
    }
    try (var _ = route.open(directory.resolve("probe"), true)) {
      return route;
    } catch (PagodaException e) {
      String why = String.valueOf(e.getMessage());
      assertTrue(why.contains("cuFileHandleRegister"), why);
      return abort(why);
    }
  }

  /** {@return ranges of all sizes, odd ones too, that fill a file in another order} */
  private static List<FileRange> ranges() {
    var random = new SplittableRandom(SEED);
    List<FileRange> ranges = new ArrayList<>();
    for (long at = 0; at < BYTES;) {
      long bytes = Math.min(
          BYTES - at,
          random.nextBoolean() ? random.nextLong(1, 1 << 20) : 4096L * random.nextInt(1, 512));
      ranges.addFirst(new FileRange(at, BYTES - at - bytes, bytes));
      at += bytes;
    }
    return ranges;
  }

  @Test
  void whatADeviceWritesIsInTheFileAndComesBack() throws IOException {
    try (CudaDevice device = open();
        Arena arena = Arena.ofShared();
        DeviceMemory memory = device.allocate(BYTES)) {
      FileRoute route = route(device);
      MemorySegment bytes = arena.allocate(BYTES, 4096);
      Host.fill(bytes, SEED);
      Host.write(device, memory, bytes);
      Path file = directory.resolve("blocks");
      try (DeviceFile opened = route.open(file, true)) {
        assertEquals(
            BatchResult.COMPLETE, Host.await(done -> opened.write(memory, ranges(), done)));
      }
      MemorySegment written = MemorySegment.ofArray(Files.readAllBytes(file));
      assertEquals(BYTES, written.byteSize(), "seed " + SEED);
      for (FileRange range : ranges()) {
        assertEquals(
            -1, written.asSlice(range.position(), range.bytes())
                .mismatch(bytes.asSlice(range.offset(), range.bytes())),
            range + "; seed " + SEED);
      }
      MemorySegment back = arena.allocate(BYTES, 4096);
      Host.write(device, memory, back);
      try (DeviceFile opened = route.open(file, false)) {
        assertEquals(BatchResult.COMPLETE, Host.await(done -> opened.read(memory, ranges(), done)));
      }
      Host.read(device, memory, back);
      assertEquals(-1, back.mismatch(bytes), "seed " + SEED);
    }
  }

  @Test
  void aRangeThatTheFileDoesNotHaveIsMissedAndTheOthersAreNot() throws IOException {
    try (CudaDevice device = open();
        DeviceMemory memory = device.allocate(1 << 20)) {
      FileRoute route = route(device);
      Path file = Files.write(directory.resolve("short"), new byte[10_000]);
      try (DeviceFile opened = route.open(file, false)) {
        var ranges = List.of(new FileRange(0, 0, 4096), new FileRange(8192, 4096, 4096));
        var partial = assertInstanceOf(
            BatchResult.Partial.class, Host.await(done -> opened.read(memory, ranges, done)));
        assertEquals("{1}", partial.missed().toString());
        assertTrue(
            String.valueOf(partial.cause().getMessage()).contains("4096 bytes at 8192"),
            partial.cause().getMessage());
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> opened.read(memory, List.of(new FileRange(0, 1 << 20, 1)), result -> {}));
      }
      assertThrows(PagodaException.class, () -> route.open(directory.resolve("none"), false));
    }
  }

  @Test
  void aDeviceThatIsClosedClosesItsFiles() {
    CudaDevice device = open();
    DeviceFile opened;
    try (DeviceMemory memory = device.allocate(1 << 20)) {
      FileRoute route = route(device);
      opened = route.open(directory.resolve("left"), true);
      assertEquals(
          BatchResult.COMPLETE,
          Host.await(done -> opened.write(memory, List.of(new FileRange(0, 0, 1 << 20)), done)));
    } finally {
      device.close();
    }
    assertTrue(((CudaFile) opened).closed());
    assertTrue(device.context.census.isEmpty(), device.context.census::toString);
  }
}
