package io.pagoda.tier.ssd;

import io.pagoda.ByteSize;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a tier, in directories that are claimed for it. They are deleted at close unless
 * they hold blocks to {@linkplain #keep keep}.
 *
 * <p><b>Threads.</b> Confined to the thread that opens or closes the tier.
 */
final class SlotFiles implements AutoCloseable {
  private final List<SlotDirectory> directories = new ArrayList<>();
  private final List<SlotDirectory.SlotFile> files = new ArrayList<>();
  private List<Superblock> superblocks = List.of();
  private volatile boolean kept;

  private SlotFiles() {}

  /**
   * Claims the directories and opens the files, or creates them; if anything fails, nothing new is
   * left behind.
   */
  static SlotFiles create(SsdSettings settings) {
    SlotFiles files = new SlotFiles();
    try {
      files.fill(settings);
      return files;
    } catch (RuntimeException e) {
      files.closeAfter(e);
      throw e;
    }
  }

  /** {@return the files, in the order in which the layout counts them} */
  List<Path> paths() {
    return files.stream().map(SlotDirectory.SlotFile::path).toList();
  }

  /** {@return how long the file counted as {@code file} was when it was found, in bytes} */
  long found(int file) {
    return files.get(file).found();
  }

  /** {@return the directories, in order} */
  List<SlotDirectory> directories() {
    return directories;
  }

  /** {@return what each directory says of the blocks that were found; empty if none were} */
  List<Superblock> superblocks() {
    return superblocks;
  }

  /** Leaves the files where they are at close. */
  void keep() {
    kept = true;
  }

  /** Deletes the files unless they are kept, and gives the directories up. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (SlotDirectory directory : directories) {
      try {
        directory.close(kept);
      } catch (RuntimeException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Closes because of {@code failure}, which remains the one to report. */
  void closeAfter(RuntimeException failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private void fill(SsdSettings settings) {
    // Until it is known whose blocks are in the directories, they are not to be deleted.
    kept = true;
    Layout layout = settings.layout();
    for (Path directory : settings.directories()) {
      directories.add(SlotDirectory.claim(directory));
    }
    inherit(settings, layout);
    kept = !superblocks.isEmpty();
    for (int i = 0; i < directories.size(); i++) {
      if (!settings.preallocate()) {
        warnIfTooSmall(settings.directories().get(i), bytes(layout, i));
      }
      files.addAll(directories.get(i).create(layout, i, settings.preallocate()));
    }
  }

  private void inherit(SsdSettings settings, Layout layout) {
    if (settings.durability().keeps()) {
      switch (inheritance(settings, layout)) {
        case Inheritance.Nothing _ -> directories.forEach(SlotDirectory::wipe);
        case Inheritance.Blocks blocks -> superblocks = blocks.superblocks();
        case Inheritance.Foreign foreign -> clash(settings, foreign.why());
      }
    } else {
      directories.forEach(SlotDirectory::wipe);
    }
  }

  private static Inheritance inheritance(SsdSettings settings, Layout layout) {
    try {
      return Inheritance.in(settings.directories(), layout);
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT, "Cannot read what is in %s: %s".formatted(settings.directories(), e), e);
    }
  }

  private void clash(SsdSettings settings, String why) {
    Mismatch.settle(settings.onMismatch(), why);
    directories.forEach(SlotDirectory::wipe);
  }

  private static long bytes(Layout layout, int directory) {
    return layout.slotsIn(directory) * layout.blockBytes();
  }

  private static void warnIfTooSmall(Path directory, long bytes) {
    long left = directory.toFile().getUsableSpace();
    if (left < bytes) {
      Engine.LOG.log(
          Level.WARNING,
          "The tier may put {0} into {1}, where only {2} are left; blocks beyond are not stored",
          new ByteSize(bytes), directory, new ByteSize(left));
    }
  }
}
