package io.pagoda.tier.ssd;

import io.pagoda.spi.tier.Recoverable.Recovery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Reads record files from end to end, and hands over the blocks whose records count.
 *
 * <p><b>Threads.</b> Confined to the one that recovers.
 */
final class RecordScan {
  private static final int READ_BYTES = 2 << 20;

  private final Layout layout;
  private final RecordFormat format;
  private final SlotFiles files;
  private final Recovery recovery;
  private final ByteBuffer buffer;
  private final List<BitSet> recorded = new ArrayList<>();
  private final BitSet damaged = new BitSet();
  private final int epoch;
  private int latestEpoch;
  private long generation;
  private int blocks;

  RecordScan(Layout layout, RecordFormat format, int epoch, SlotFiles files, Recovery recovery) {
    this.layout = layout;
    this.format = format;
    this.epoch = epoch;
    this.latestEpoch = epoch;
    this.files = files;
    this.recovery = recovery;
    int unit = Math.max(RecordFormat.PAGE, format.bytes());
    this.buffer = ByteBuffer.allocateDirect(Math.max(1, READ_BYTES / unit) * unit)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads the records of a directory, after those of the ones before it. */
  void read(int directory, Path file) throws IOException {
    int count = layout.slotsIn(directory);
    recorded.add(new BitSet());
    try (FileChannel channel = FileChannel.open(file)) {
      for (int first = 0; first < count;) {
        long start = format.position(first);
        fill(channel, start);
        int end = Math.min(count, format.endingBefore(start + buffer.capacity()));
        buffer.clear();
        for (int i = first; i < end; i++) {
          record(directory, i, (int) (format.position(i) - start));
        }
        first = end;
      }
    }
  }

  /** {@return which slots of a directory have a record, be it damaged} */
  BitSet recorded(int directory) {
    return recorded.get(directory);
  }

  /** {@return the highest generation} */
  long generation() {
    return generation;
  }

  /** {@return the highest epoch} */
  int latestEpoch() {
    return latestEpoch;
  }

  /** {@return how many blocks were handed over} */
  int blocks() {
    return blocks;
  }

  /** {@return the slots whose records cannot be read, or whose bytes are gone} */
  BitSet damaged() {
    return damaged;
  }

  /** Fills the buffer; what the file does not have are records of no block. */
  private void fill(FileChannel channel, long start) throws IOException {
    buffer.clear();
    long at = start;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        break;
      }
      at += read;
    }
    while (buffer.hasRemaining()) {
      buffer.put((byte) 0);
    }
  }

  private void record(int directory, int index, int at) {
    if (RecordFormat.isEmpty(buffer, at)) {
      return;
    }
    int slot = layout.slot(directory, index);
    recorded.get(directory).set(index);
    if (!format.isWhole(buffer, at, slot) || wasCut(slot)) {
      damaged.set(slot);
    } else if (RecordFormat.epoch(buffer, at) >= epoch) {
      latestEpoch = Math.max(latestEpoch, RecordFormat.epoch(buffer, at));
      generation = Math.max(generation, RecordFormat.generation(buffer, at));
      blocks++;
      recovery.block(
          slot, RecordFormat.generation(buffer, at), RecordFormat.keyHigh(buffer, at),
          RecordFormat.keyLow(buffer, at), format.seals(buffer, at));
    }
  }

  private boolean wasCut(int slot) {
    return layout.position(slot) + layout.blockBytes() > files.found(layout.file(slot));
  }
}
