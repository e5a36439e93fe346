package io.pagoda.tier.ssd;

/**
 * Where each slot lies: consecutive slots go to consecutive directories, and within a directory
 * they fill one file after the other.
 *
 * @param slots how many slots there are
 * @param blockBytes bytes of each
 * @param directories over how many directories they are striped
 * @param slotsPerFile how many slots a file holds at most
 */
record Layout(int slots, long blockBytes, int directories, int slotsPerFile) {
  Layout {
    if (slots < 1 || blockBytes < 1 || directories < 1 || slotsPerFile < 1) {
      throw new IllegalArgumentException(
          "slots=%d blockBytes=%d directories=%d slotsPerFile=%d"
              .formatted(slots, blockBytes, directories, slotsPerFile));
    }
  }

  /** {@return how many slots {@code directory} holds} */
  int slotsIn(int directory) {
    return (slots - directory + directories - 1) / directories;
  }

  /** {@return how many files each directory has; only a last one may be short or empty} */
  int filesPerDirectory() {
    return Math.ceilDiv(slotsIn(0), slotsPerFile);
  }

  /** {@return how long the file with {@code index} is within {@code directory}} */
  long fileBytes(int directory, int index) {
    long before = (long) index * slotsPerFile;
    return Math.clamp(slotsIn(directory) - before, 0, slotsPerFile) * blockBytes;
  }

  /** {@return which directory holds {@code slot}} */
  int directory(int slot) {
    return slot % directories;
  }

  /** {@return which of its directory's slots {@code slot} is} */
  int index(int slot) {
    return slot / directories;
  }

  /** {@return the slot with {@code index} among those of {@code directory}} */
  int slot(int directory, int index) {
    return index * directories + directory;
  }

  /** {@return which file holds {@code slot}; files are counted directory by directory} */
  int file(int slot) {
    return directory(slot) * filesPerDirectory() + index(slot) / slotsPerFile;
  }

  /** {@return where {@code slot} starts in its file, in bytes} */
  long position(int slot) {
    return index(slot) % slotsPerFile * blockBytes;
  }
}
