package io.pagoda.tier.ssd;

import io.pagoda.ByteSize;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a tier, in directories that are claimed for it.
 *
 * <p><b>Threads.</b> Confined to the thread that opens or closes the tier.
 */
final class SlotFiles implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.pagoda.tier.ssd");

  private final List<SlotDirectory> directories = new ArrayList<>();
  private final List<Path> paths = new ArrayList<>();

  private SlotFiles() {}

  /** Claims the directories and creates the files; if anything fails, all is as it was. */
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
    return paths;
  }

  /** Deletes the files and gives the directories up. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (SlotDirectory directory : directories) {
      try {
        directory.close();
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
    Layout layout = settings.layout();
    for (Path directory : settings.directories()) {
      directories.add(SlotDirectory.claim(directory));
    }
    for (int i = 0; i < directories.size(); i++) {
      if (!settings.preallocate()) {
        warnIfTooSmall(settings.directories().get(i), bytes(layout, i));
      }
      paths.addAll(directories.get(i).create(layout, i, settings.preallocate()));
    }
  }

  private static long bytes(Layout layout, int directory) {
    return layout.slotsIn(directory) * layout.blockBytes();
  }

  private static void warnIfTooSmall(Path directory, long bytes) {
    long left = directory.toFile().getUsableSpace();
    if (left < bytes) {
      LOG.log(
          Level.WARNING,
          "The tier may put {0} into {1}, where only {2} are left; blocks beyond are not stored",
          new ByteSize(bytes), directory, new ByteSize(left));
    }
  }
}
