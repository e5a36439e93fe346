package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a tier can be opened, where not, and what it says then. */
class OpeningTest {
  @TempDir private Path directory;

  private static String refusal(SsdSettings settings) {
    var failure = assertThrows(PagodaException.class, () -> Rig.open(settings));
    assertEquals(Fault.PERMANENT, failure.fault());
    return String.valueOf(failure.getMessage());
  }

  private static SsdSettings settings(Path where) {
    return Rig.settings(Engine.AUTO, 8, where);
  }

  @Test
  void createsItsDirectory() {
    Path deep = directory.resolve("a/b");
    try (var tier = Rig.open(settings(deep))) {
      Rig.fill(tier, 1, 0, 7);
      assertTrue(Files.exists(deep.resolve("slots-00000.pagoda")));
      assertTrue(tier.toString().contains(deep.toString()), tier::toString);
    }
    assertFalse(Files.exists(deep.resolve("slots-00000.pagoda")));
  }

  @Test
  void namesAFileThatIsInTheWay() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertTrue(refusal(settings(file)).contains(file + " is not a directory"));
    assertTrue(refusal(settings(file.resolve("below"))).contains(file.toString()));
  }

  @Test
  void namesADirectoryThatCannotBeWritten() {
    String message = refusal(settings(Path.of("/proc/pagoda")));
    assertTrue(message.contains("/proc/pagoda"), message);
    assertTrue(message.contains("may write"), message);
  }

  @Test
  void namesAFileThatIsTooLong() throws IOException {
    assumeTrue(Files.getFileStore(directory).type().startsWith("ext"), "others take any length");
    var huge = new SsdSettings(
        List.of(directory), 1 << 30, 1 << 20, Integer.MAX_VALUE, 8, Engine.AUTO, true, false);
    String message = refusal(huge);
    assertTrue(message.contains("slots-00000.pagoda: cannot resize: EFBIG"), message);
    assertTrue(message.contains("set file-size"), message);
    assertFalse(Files.exists(directory.resolve("slots-00000.pagoda")));
  }

  @Test
  void refusesADirectoryThatAnotherTierUses() {
    try (var tier = Rig.open(settings(directory))) {
      Rig.fill(tier, 1, 3);
      String message = refusal(settings(directory));
      assertTrue(message.contains(directory.toString()), message);
      assertTrue(message.contains("process " + ProcessHandle.current().pid() + ";"), message);
      Rig.expect(tier, 1, 3);
    }
    Rig.open(settings(directory)).close();
  }

  @Test
  void refusesADirectoryThatAnotherProcessUses() throws Exception {
    Path lock = Files.createFile(directory.resolve("pagoda.lock"));
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "needs flock of util-linux");
    Process other = new ProcessBuilder(
        "flock", "-x", lock.toString(), "sh", "-c", "echo $$ > " + lock + "; echo; cat")
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    try {
      other.inputReader().readLine();
      String pid = Files.readString(lock).strip();
      assertTrue(refusal(settings(directory)).contains("in use by process " + pid));
      assertEquals(pid, Files.readString(lock).strip());
    } finally {
      other.outputWriter().close();
      other.waitFor();
    }
    Rig.open(settings(directory)).close();
  }

  /** The second directory is in use: the first must be free again afterwards. */
  @Test
  void leavesNothingBehindWhenItCannotOpen() {
    Path a = directory.resolve("a");
    Path b = directory.resolve("b");
    try (var _ = Rig.open(settings(b))) {
      assertTrue(refusal(Rig.settings(Engine.AUTO, 8, a, b)).contains(b.toString()));
      assertFalse(Files.exists(a.resolve("slots-00000.pagoda")));
      Rig.open(settings(a)).close();
    }
  }

  @Test
  void deletesWhatAFormerTierLeft() throws IOException {
    Path old = Files.createFile(directory.resolve("slots-00003.pagoda"));
    Path foreign = Files.createFile(directory.resolve("notes.txt"));
    Rig.open(settings(directory)).close();
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(foreign));
  }

  @Test
  void isAvailableHereAndSaysWithWhat() {
    var provider = new SsdTierProvider();
    assertEquals("ssd", provider.type());
    switch (provider.availability()) {
      case Availability.Ready _ -> assertEquals(Optional.empty(), Engine.ringMissing());
      case Availability.Limited limited ->
        assertTrue(limited.reason().contains(Engine.ringMissing().orElseThrow()));
      case Availability.Unavailable no -> fail(no.reason());
    }
  }

  @Test
  void saysWhyItUsesFileChannels() {
    var settings = settings(directory);
    try (var files = SlotFiles.create(settings);
        var port = Engine.AUTO.open(files.paths(), settings, "t", Optional.of("not allowed"))) {
      assertEquals("file channels (io_uring is not available: not allowed)", port.toString());
      var strict = assertThrows(
          PagodaException.class,
          () -> Engine.IO_URING.open(files.paths(), settings, "t", Optional.of("not allowed")));
      assertTrue(String.valueOf(strict.getMessage()).contains("not allowed"));
    }
  }

  @ParameterizedTest
  @EnumSource(value = Engine.class, names = {"IO_URING", "FILE_CHANNEL"})
  void missesBlocksForWhichTheDiskHasNoRoom(Engine engine) throws IOException {
    int[] slots = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    try (var disk = new SmallDisk(directory.resolve("disk"), "1m")) {
      try (var tier = Rig.open(small(engine, disk.path(), false));
          var source = new HostMemory(Rig.BLOCK, slots)) {
        var partial =
            assertInstanceOf(BatchResult.Partial.class, Rig.store(tier, source.fill(1).batch()));
        assertEquals(Fault.TRANSIENT, partial.cause().fault());
        String message = String.valueOf(partial.cause().getMessage());
        assertTrue(message.contains("ENOSPC"), message);
        for (int slot : slots) {
          if (!partial.missed().get(slot)) {
            Rig.expect(tier, 1, slot);
          }
        }
      }
    }
  }

  @Test
  void refusesToPreallocateMoreThanThereIs() throws IOException {
    try (var disk = new SmallDisk(directory.resolve("disk"), "1m")) {
      String message = refusal(small(Engine.AUTO, disk.path(), true));
      assertTrue(message.contains("ENOSPC"), message);
      assertTrue(message.contains(disk.path().toString()), message);
      assertFalse(Files.exists(disk.path().resolve("slots-00000.pagoda")));
    }
  }

  private static SsdSettings small(Engine engine, Path where, boolean preallocate) {
    return new SsdSettings(List.of(where), 20, Rig.BLOCK, 20, 32, engine, false, preallocate);
  }

  @Test
  void takesItsSpaceWhenAskedTo() throws IOException {
    var settings =
        new SsdSettings(List.of(directory), 20, Rig.BLOCK, 7, 32, Engine.AUTO, true, true);
    try (var tier = Rig.open(settings)) {
      Path last = directory.resolve("slots-00002.pagoda");
      assertEquals(6L * Rig.BLOCK, Files.size(last));
      // In units of 512 bytes, see stat(2).
      long allocated = 512L * unixBlocks(last);
      assertTrue(allocated >= 6L * Rig.BLOCK, "allocated " + allocated);
      Rig.fill(tier, 1, 0, 19);
      Rig.expect(tier, 1, 19, 0);
    }
  }

  private static long unixBlocks(Path file) throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    return Long.parseLong(stat.inputReader().readLine());
  }
}
