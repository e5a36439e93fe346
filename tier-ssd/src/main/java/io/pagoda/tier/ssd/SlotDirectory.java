package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
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
 * A directory that holds slot files, claimed for one tier of one process. The lock file stays, for
 * deleting it would let two processes lock two files of one name.
 *
 * <p><b>Threads.</b> Confined to the thread that opens or closes the tier.
 */
final class SlotDirectory {
  static final String RECORDS = "records.pagoda";

  private static final String LOCK = "pagoda.lock";
  private static final String SUPERBLOCKS = "superblock.pagoda*";
  private static final String OTHERS = "{records,slots-*}.pagoda";

  private final Path directory;
  private final Path lock;
  private final int lockFd;

  private SlotDirectory(Path directory, Path lock, int lockFd) {
    this.directory = directory;
    this.lock = lock;
    this.lockFd = lockFd;
  }

  /**
   * One of the files.
   *
   * @param path where it is
   * @param found how long it was when it was found, 0 if it is new
   */
  record SlotFile(Path path, long found) {}

  /** Creates the directory if it is missing, and locks it. */
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

  Path path() {
    return directory;
  }

  /** Makes the directory's own name durable, as far as this process may. */
  void syncName() {
    Path parent = directory.toAbsolutePath().getParent();
    try {
      if (parent != null) {
        Superblock.syncDirectory(parent);
      }
    } catch (IOException e) {
      Engine.LOG.log(Level.DEBUG, "Cannot sync the directory above " + directory, e);
    }
  }

  /** Deletes all that a tier keeps in it. */
  void wipe() {
    try {
      // In this order: without a superblock, nothing else counts.
      delete(SUPERBLOCKS);
      delete(OTHERS);
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT, "Cannot delete the slot files in " + directory + ": " + reason(e), e);
    }
  }

  /**
   * Creates the files that are missing, {@code layout} says how many and how long, and returns all
   * of them in order.
   */
  List<SlotFile> create(Layout layout, int index, boolean preallocate) {
    List<SlotFile> files = new ArrayList<>();
    try {
      for (int i = 0; i < layout.filesIn(index); i++) {
        Path file = directory.resolve("slots-%05d.pagoda".formatted(i));
        files.add(new SlotFile(file, length(file)));
        create(file, layout.fileBytes(index, i), preallocate);
      }
    } catch (IOException e) {
      throw unusable(directory, e);
    }
    return files;
  }

  /**
   * Creates the record file, or makes it longer; its disk space is taken.
   *
   * @param empty whether its records are to be forgotten
   * @return how long it was, in bytes
   */
  long createRecords(long bytes, boolean empty) throws IOException {
    Path file = directory.resolve(RECORDS);
    long found = length(file);
    int fd = LibcNative.open(file, false);
    try {
      if (empty) {
        LibcNative.resize(fd, file, 0);
      }
      LibcNative.resize(fd, file, bytes);
      if (bytes > 0) {
        LibcNative.allocateIfPossible(fd, file, bytes);
      }
    } finally {
      LibcNative.close(fd, file);
    }
    return empty ? 0 : found;
  }

  /** Gives the directory up, and deletes its files unless they are {@code kept}. */
  void close(boolean kept) {
    try {
      if (!kept) {
        wipe();
      }
    } finally {
      unlock();
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
        throw new PagodaException(Fault.PERMANENT, claimed.usedBy(Files.readString(claimed.lock)));
      }
      Files.writeString(claimed.lock, ProcessHandle.current().pid() + "\n");
      done = true;
      return claimed;
    } finally {
      if (!done) {
        LibcNative.close(claimed.lockFd, claimed.lock);
      }
    }
  }

  private String usedBy(String text) {
    String pid = text.strip();
    String used = "The directory %s is in use by process %s; give each tier a directory of its own"
        .formatted(directory, pid);
    return pid.equals(String.valueOf(ProcessHandle.current().pid()))
        ? used + ". That is this process: another tier has it, or the tier's devices name it twice"
        : used;
  }

  private void unlock() {
    try {
      LibcNative.close(lockFd, lock);
    } catch (IOException e) {
      throw new PagodaException(Fault.PERMANENT, "Cannot unlock " + lock + ": " + reason(e), e);
    }
  }

  private void delete(String pattern) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, pattern)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private static long length(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
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

  static PagodaException unusable(Path directory, IOException e) {
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
