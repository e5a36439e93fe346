package io.pagoda.node;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A temporary directory that is gone afterwards, also when the process is interrupted. */
final class ScratchDirectory implements AutoCloseable {
  private final Path path;
  private final Thread atExit;

  private ScratchDirectory(Path path) {
    this.path = path;
    this.atExit = new Thread(this::deleteAtExit, "delete " + path);
  }

  /** Creates a directory where the system keeps what is temporary. */
  static ScratchDirectory create() throws IOException {
    ScratchDirectory directory = new ScratchDirectory(Files.createTempDirectory("pagoda-"));
    Runtime.getRuntime().addShutdownHook(directory.atExit);
    return directory;
  }

  /** {@return where it is} */
  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    if (removeHook()) {
      delete();
    }
  }

  /** {@return whether there is still something to do: a process that shuts down has begun it} */
  private boolean removeHook() {
    try {
      return Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException _) {
      return false; // the hook is running
    }
  }

  private void deleteAtExit() {
    try {
      delete();
    } catch (IOException e) {
      System.getLogger(ScratchDirectory.class.getName())
          .log(System.Logger.Level.WARNING, "Cannot delete " + path, e);
    }
  }

  private void delete() throws IOException {
    if (Files.exists(path)) {
      Files.walkFileTree(path, new Deletion());
    }
  }

  /** Deletes what it visits. */
  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.delete(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
