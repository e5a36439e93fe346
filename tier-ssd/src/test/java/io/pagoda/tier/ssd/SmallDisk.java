package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A file system of its own in memory, for whoever may mount one. */
record SmallDisk(Path path) implements AutoCloseable {
  SmallDisk(Path path, String size) throws IOException {
    this(path, "tmpfs", "size=" + size);
  }

  SmallDisk(Path path, String type, String options) throws IOException {
    this(Files.createDirectory(path));
    int code = run("mount", "-t", type, "-o", options, type, path.toString());
    assumeTrue(code == 0, "this process may not mount a " + type);
  }

  @Override
  public void close() throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    int code = run("umount", path.toString());
    // The kernel lets go of a ring's files some time after the ring.
    while (code != 0 && System.nanoTime() < end) {
      code = run("umount", path.toString());
    }
    assertEquals(0, code);
  }

  private static int run(String... command) throws IOException {
    return new ProcessBuilder(command).start().onExit().join().exitValue();
  }
}
