package io.pagoda.tier.ssd;

/**
 * Where each slot lies: slots are striped over directories, and within a directory they fill one
 * file after the other.
 *
 * @param striping which slot is in which directory
 * @param blockBytes bytes of each
 * @param slotsPerFile how many slots a file holds at most
 */
record Layout(Striping striping, long blockBytes, int slotsPerFile) {
  Layout {
    if (blockBytes < 1 || slotsPerFile < 1) {
      throw new IllegalArgumentException(
          "blockBytes=%d slotsPerFile=%d".formatted(blockBytes, slotsPerFile));
    }
  }

  /** A layout over directories of one size. */
  Layout(int slots, long blockBytes, int directories, int slotsPerFile) {
    this(Striping.even(slots, directories), blockBytes, slotsPerFile);
  }

  /** {@return how many slots there are} */
  int slots() {
    return striping.slots();
  }

  /** {@return over how many directories they are striped} */
  int directories() {
    return striping.devices();
  }

  /** {@return how many slots {@code directory} holds} */
  int slotsIn(int directory) {
    return striping.slotsIn(directory);
  }

  /** {@return how many files {@code directory} has; only its last one may be short} */
  int filesIn(int directory) {
    return Math.ceilDiv(slotsIn(directory), slotsPerFile);
  }

  /** {@return how long the file with {@code index} is within {@code directory}} */
  long fileBytes(int directory, int index) {
    long before = (long) index * slotsPerFile;
    return Math.clamp(slotsIn(directory) - before, 0, slotsPerFile) * blockBytes;
  }

  /** {@return which directory holds {@code slot}} */
  int directory(int slot) {
    return striping.device(slot);
  }

  /** {@return which of its directory's slots {@code slot} is} */
  int index(int slot) {
    return striping.index(slot);
  }

  /** {@return the slot with {@code index} among those of {@code directory}} */
  int slot(int directory, int index) {
    return striping.slot(directory, index);
  }

  /** {@return the first file of {@code directory}; files are counted directory by directory} */
  int firstFile(int directory) {
    int files = 0;
    for (int before = 0; before < directory; before++) {
      files += filesIn(before);
    }
    return files;
  }

  /** {@return which file holds {@code slot}} */
  int file(int slot) {
    return firstFile(directory(slot)) + index(slot) / slotsPerFile;
  }

  /** {@return where {@code slot} starts in its file, in bytes} */
  long position(int slot) {
    return index(slot) % slotsPerFile * blockBytes;
  }
}
