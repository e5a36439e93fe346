package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.Availability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of the road between files and devices on any machine. */
class CufileTest {
  @TempDir private Path directory = Path.of("");

  @Test
  void aLibraryThatIsNotThereIsNoneAndTheRoadSaysWhatItMisses() {
    assertEquals(Optional.empty(), CufileNative.find(List.of("libpagoda-has-no-such.so.0")));
    String said = switch (CudaFiles.available()) {
      case Availability.Unavailable not -> not.reason();
      case Availability.Limited limited -> limited.reason();
      case Availability.Ready _ -> "cuFile";
    };
    assertTrue(said.contains("ufile") || said.contains("uFile"), said);
    assertEquals(CudaFiles.available(), CudaFiles.available());
  }

  @Test
  void aLibraryWithoutItsFunctionsIsNone() {
    assertEquals(Optional.empty(), CufileNative.find(List.of("libc.so.6")));
  }

  @Test
  void filesAreOpenedAndCreatedOnlyToBeWritten() throws IOException {
    Path file = directory.resolve("file");
    assertTrue(CufileNative.open(file.toString(), false) < 0, "there is none to read");
    assertFalse(Files.exists(file));
    int created = CufileNative.open(file.toString(), true);
    assertTrue(created >= 0, "errno " + -created);
    CufileNative.close(created);
    assertTrue(Files.exists(file));
    assertEquals(-20, CufileNative.open(file.resolve("within").toString(), true), "ENOTDIR");
  }
}
