package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A directory that holds slot files, claimed for one tier of one process. What an earlier tier left
 * in it is cache content of unknown age and is deleted; so are its own files when it is closed. The
 * lock file stays, for deleting it would let two processes lock two files of one name.
 *
 * <p><b>Threads.</b> Confined to the thread that opens or closes the tier.
 */
final class SlotDirectory implements AutoCloseable {
  private static final String LOCK = "pagoda.lock";
  private static final String SLOT_FILES = "slots-*.pagoda";

  private final Path directory;
  private final Path lock;
  private final int lockFd;

  private SlotDirectory(Path directory, Path lock, int lockFd) {
    this.directory = directory;
    this.lock = lock;
    this.lockFd = lockFd;
  }

  /** Creates the directory if it is missing, locks it and empties it of old slot files. */
  static SlotDirectory claim(Path directory) {
    Path lock = directory.resolve(LOCK);
    try {
      Files.createDirectories(directory);
      int fd = LibcNative.open(lock, false);
      return locked(new SlotDirectory(directory, lock, fd));
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  /** Creates the files, {@code layout} says how many and how long, and returns them in order. */
  List<Path> create(Layout layout, int index, boolean preallocate) {
    List<Path> files = new ArrayList<>();
    try {
      for (int i = 0; i < layout.filesPerDirectory(); i++) {
        Path file = directory.resolve("slots-%05d.pagoda".formatted(i));
        create(file, layout.fileBytes(index, i), preallocate);
        files.add(file);
      }
    } catch (IOException e) {
      throw unusable(directory, e);
    }
    return files;
  }

  /** Deletes the slot files and gives the directory up. */
  @Override
  public void close() {
    try {
      try {
        deleteSlotFiles();
      } finally {
        LibcNative.close(lockFd, lock);
      }
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT, "Cannot delete the slot files in " + directory + ": " + reason(e), e);
    }
  }

  @Override
  public String toString() {
    return directory.toString();
  }

  private static SlotDirectory locked(SlotDirectory claimed) throws IOException {
    boolean done = false;
    try {
      if (!LibcNative.lock(claimed.lockFd, claimed.lock)) {
        throw new PagodaException(
            Fault.PERMANENT,
            "The directory %s is in use by process %s; give each tier a directory of its own"
                .formatted(claimed.directory, Files.readString(claimed.lock).strip()));
      }
      Files.writeString(claimed.lock, ProcessHandle.current().pid() + "\n");
      claimed.deleteSlotFiles();
      done = true;
      return claimed;
    } finally {
      if (!done) {
        LibcNative.close(claimed.lockFd, claimed.lock);
      }
    }
  }

  private void deleteSlotFiles() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, SLOT_FILES)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private static void create(Path file, long bytes, boolean preallocate) throws IOException {
    int fd = LibcNative.open(file, false);
    try {
      // Full length from the start: a later read that meets the file's end proves that it was cut.
      LibcNative.resize(fd, file, bytes);
      if (preallocate && bytes > 0) {
        LibcNative.allocate(fd, file, bytes);
      }
    } finally {
      LibcNative.close(fd, file);
    }
  }

  private static PagodaException unusable(Path directory, IOException e) {
    return new PagodaException(
        Fault.PERMANENT,
        ("Cannot keep blocks in the directory %s: %s. It must be a directory that this "
            + "process may write to, on a file system with room for the tier")
            .formatted(directory, reason(e)),
        e);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case FileAlreadyExistsException exists -> exists.getFile() + " is not a directory";
      case AccessDeniedException denied -> "permission denied for " + denied.getFile();
      case NoSuchFileException missing -> missing.getFile() + " cannot be created";
      case FileSystemException other -> String.valueOf(other.getMessage());
      default -> String.valueOf(e.getMessage());
    };
  }
}
