package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/*
 * A record says that its block's bytes are in its slot, so it must not be on the device before
 * them. The bytes are written when a group comes here. That is enough for the end of the process:
 * what was written is the kernel's. For the loss of power the slot files are synced, then the
 * records are written, then they are synced; the group shares both waits.
 *
 * A record that is replaced stands beside the new bytes for a moment. It does not matter: its
 * checksums are not theirs, and nobody is served what does not verify.
 */
/**
 * Writes the records of a directory.
 *
 * <p><b>Threads.</b> One at a time; but {@link #retire} and {@link #writeEpoch}, which wait for the
 * device, may be called while another writes records, one at a time too.
 */
final class RecordLog {
  private static final int RUN_BYTES = 256 << 10;

  /** How much is written at most before it is written down how much that was. */
  private static final long MOST_UNCOUNTED = 16L << 30;

  /** The same in fillings of the directory, where that is less. */
  private static final int MOST_FILLINGS = 8;

  private final Disk disk;
  private final Layout layout;
  private final RecordFormat format;
  private final boolean synced;
  private final BitSet recorded;
  private final ByteBuffer run;
  private final AtomicLong generation;
  private final int directory;
  private volatile Superblock superblock;
  private final Tally tally;
  private final Retries retries;
  private final long writtenBefore;
  private final long uncounted;
  private volatile long counted;

  /**
   * Creates a log that goes on.
   *
   * @param synced whether records outlive the loss of power
   * @param recorded the slots of the directory that have a record
   * @param generation the highest there is; shared by the logs of a tier
   * @param tally what is written to the device
   * @param retries told which erasures could not be written
   */
  RecordLog(
      Disk disk, Superblock superblock, RecordFormat format, boolean synced, BitSet recorded,
      AtomicLong generation, Tally tally, Retries retries) {
    this.disk = disk;
    this.tally = tally;
    this.retries = retries;
    this.writtenBefore = superblock.written();
    this.superblock = superblock;
    this.counted = writtenBefore;
    this.uncounted = Math.min(MOST_UNCOUNTED, MOST_FILLINGS * bytes(superblock));
    this.directory = superblock.directory();
    this.layout = superblock.layout();
    this.format = format;
    this.synced = synced;
    this.recorded = recorded;
    this.generation = generation;
    this.run = ByteBuffer.allocateDirect(Math.max(RUN_BYTES, format.bytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long bytes(Superblock superblock) {
    Layout layout = superblock.layout();
    return layout.slotsIn(superblock.directory()) * layout.blockBytes();
  }

  /** {@return how many bytes were ever written to the directory, as far as is known} */
  long writtenEver() {
    return writtenBefore + tally.written.sum();
  }

  /** Writes down how much was written, if anything was. */
  void retire() {
    long written = writtenEver();
    if (written == counted) {
      return;
    }
    try {
      counted = written;
      disk.replace(superblock.written(written));
    } catch (IOException e) {
      Engine.LOG.log(Level.WARNING, "Cannot write down how much was written", e);
    }
  }

  /** Makes all erasures durable, if records are. */
  void settle() {
    if (synced) {
      try {
        tally.syncs.increment();
        disk.syncRecords(directory);
      } catch (IOException e) {
        throw new PagodaException(Fault.PERMANENT, "Cannot sync the records: " + e, e);
      }
    }
  }

  /** Writes the records of a group. Blocks for which that cannot be done are missed. */
  void commit(Group group) {
    group.sort();
    BitSet files = synced ? group.slotFiles() : new BitSet();
    for (int file = files.nextSetBit(0); file >= 0; file = files.nextSetBit(file + 1)) {
      syncSlots(group, file);
    }
    writeRuns(group);
    if (!files.isEmpty()) {
      syncRecords(group);
    }
    retries.owe(group.owed());
  }

  /** {@return whether so much was written that it should be written down how much} */
  boolean isUncounted() {
    return writtenEver() - counted >= uncounted;
  }

  /** Makes every record of the directory that of no block, durably. */
  void raiseEpoch() {
    BitSet before = beginEpoch();
    try {
      writeEpoch();
    } catch (PagodaException e) {
      stay(before);
      throw e;
    }
  }

  /**
   * Lets records count as of the next epoch from now on. Also if that cannot be {@linkplain
   * #writeEpoch written}: records of a later epoch than the superblock's count, so nothing that is
   * stored from now on is lost, and nothing of before comes back where it succeeded.
   *
   * @return what to {@linkplain #stay} with then
   */
  BitSet beginEpoch() {
    BitSet before = (BitSet) recorded.clone();
    superblock = superblock.inEpoch(superblock.epoch() + 1);
    recorded.clear();
    return before;
  }

  /** Makes the last epoch that was begun durable. */
  void writeEpoch() {
    try {
      counted = writtenEver();
      disk.replace(superblock.written(counted));
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT, "Cannot forget all blocks: the superblock cannot be written: " + e, e);
    }
  }

  /** Keeps the records of before: the epoch that was begun could not be written. */
  void stay(BitSet before) {
    recorded.or(before);
  }

  private void syncSlots(Group group, int file) {
    try {
      tally.syncs.increment();
      disk.syncSlots(file);
    } catch (IOException e) {
      for (int i = 0; i < group.size(); i++) {
        if (layout.file(group.slot(i)) == file) {
          miss(group, i, "sync the bytes of", e);
        }
      }
    }
  }

  private void writeRuns(Group group) {
    int first = 0;
    int previous = -1;
    run.clear();
    for (int i = 0; i < group.size(); i++) {
      if (needsNone(group, i)) {
        continue;
      }
      if (previous >= 0 && !follows(group, previous, i)) {
        flush(group, first, previous);
        previous = -1;
      }
      first = previous < 0 ? i : first;
      previous = i;
      put(group, i);
    }
    if (previous >= 0) {
      flush(group, first, previous);
    }
  }

  /** Whether nothing is to be written: another record follows, or none was and none is to be. */
  private boolean needsNone(Group group, int index) {
    return group.superseded(index)
        || (isErasure(group, index) && !recorded.get(layout.index(group.slot(index))));
  }

  private static boolean isErasure(Group group, int index) {
    return group.owner(index) == null || group.missed(index);
  }

  private boolean follows(Group group, int previous, int index) {
    int slot = group.slot(index);
    return layout.index(slot) == layout.index(group.slot(previous)) + 1
        && run.position() + gap(slot) + format.bytes() <= run.capacity();
  }

  /** The bytes between the record before that of {@code slot}, and it. */
  private int gap(int slot) {
    int index = layout.index(slot);
    return (int) (format.position(index) - format.position(index - 1)) - format.bytes();
  }

  private void put(Group group, int index) {
    int slot = group.slot(index);
    for (int i = run.position() == 0 ? 0 : gap(slot); i > 0; i--) {
      run.put((byte) 0);
    }
    int at = run.position();
    Transfer owner = group.owner(index);
    if (owner == null || isErasure(group, index)) {
      format.erase(run, at);
    } else {
      tally.records.increment();
      long latest = generation.incrementAndGet();
      format.write(run, at, superblock.epoch(), latest, owner.batch(), group.block(index));
    }
    run.position(at + format.bytes());
  }

  private void flush(Group group, int first, int last) {
    int slot = group.slot(first);
    try {
      run.flip();
      tally.written.add(run.limit());
      disk.write(directory, run, format.position(layout.index(slot)));
      note(group, first, last);
    } catch (IOException e) {
      for (int i = first; i <= last; i++) {
        failed(group, i, "write the record of", e);
      }
    } finally {
      run.clear();
    }
  }

  private void note(Group group, int first, int last) {
    for (int i = first; i <= last; i++) {
      recorded.set(layout.index(group.slot(i)), !isErasure(group, i));
    }
  }

  private void syncRecords(Group group) {
    try {
      tally.syncs.increment();
      disk.syncRecords(directory);
    } catch (IOException e) {
      for (int i = 0; i < group.size(); i++) {
        failed(group, i, "sync the record of", e);
      }
    }
  }

  /** Nobody knows what the record is that is on the device. */
  private void failed(Group group, int index, String what, IOException why) {
    recorded.set(layout.index(group.slot(index)));
    miss(group, index, what, why);
    group.owe(index);
  }

  private static void miss(Group group, int index, String what, @Nullable IOException why) {
    group.miss(
        index,
        () -> new PagodaException(
            Fault.PERMANENT,
            "Cannot %s the block in slot %d: %s".formatted(what, group.slot(index), why), why));
  }
}
