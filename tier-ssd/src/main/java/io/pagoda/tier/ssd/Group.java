package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Records of one device that are written together: of blocks that were stored, and of slots whose
 * blocks are given up. Of several for one slot the last counts.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class Group {
  private final Layout layout;
  private final List<Transfer> transfers = new ArrayList<>();
  private @Nullable Transfer[] owners = new Transfer[64];
  private int[] places = new int[64];
  private long[] order = new long[64];
  private int size;

  /** Slots whose erasure could not be written; of none of them anything has come since. */
  private final Set<Integer> owed = new HashSet<>();

  Group(Layout layout) {
    this.layout = layout;
  }

  /** Adds the blocks of a store that has ended; what it missed is given up. */
  void add(Transfer store) {
    transfers.add(store);
    boolean sealed = store.batch().seals().isPresent();
    for (int i = 0; i < store.size(); i++) {
      int position = store.position(i);
      int slot = store.batch().slot(position);
      if (sealed && !store.missed(position)) {
        add(store, position, slot);
      } else {
        giveUp(slot);
      }
    }
  }

  /** Adds that the block in a slot is given up; of a {@link Retries#retry}, if that is owed. */
  void giveUp(int slot) {
    if (slot >= 0) {
      add(null, slot, slot);
    } else if (owed.contains(~slot)) {
      add(null, ~slot, ~slot);
    }
  }

  /** Records that the slot at {@code index} of the order is still to be erased. */
  void owe(int index) {
    owed.add(slot(index));
  }

  /** {@return the slots that are still to be erased} */
  Set<Integer> owed() {
    return owed;
  }

  /** {@return the stores, in the order in which they came} */
  List<Transfer> transfers() {
    return transfers;
  }

  /** Brings the records into the order of their places. */
  void sort() {
    Arrays.sort(order, 0, size);
  }

  /** {@return how many records there are, those included that another supersedes} */
  int size() {
    return size;
  }

  /** {@return whether the record at {@code index} of the order is followed by one for its slot} */
  boolean superseded(int index) {
    return index + 1 < size && order[index] >>> 32 == order[index + 1] >>> 32;
  }

  /** {@return the slot of the record at {@code index} of the order} */
  int slot(int index) {
    int note = (int) order[index];
    Transfer owner = owners[note];
    return owner == null ? places[note] : owner.batch().slot(places[note]);
  }

  /** {@return the store of the record at {@code index} of the order, or null if it is given up} */
  @Nullable
  Transfer owner(int index) {
    return owners[(int) order[index]];
  }

  /** {@return the position of that record's block in the batch of its store} */
  int block(int index) {
    return places[(int) order[index]];
  }

  /** {@return the slot files in which the group has blocks} */
  BitSet slotFiles() {
    BitSet files = new BitSet();
    for (int i = 0; i < size; i++) {
      if (owner(i) != null) {
        files.set(layout.file(slot(i)));
      }
    }
    return files;
  }

  /** Misses the block at {@code index} of the order, if it is one. */
  void miss(int index, Supplier<PagodaException> why) {
    Transfer owner = owner(index);
    if (owner != null) {
      owner.missed(block(index), why);
    }
  }

  /** Misses every block: nothing is known of the records, so none is promised. */
  void missAll(RuntimeException e) {
    Engine.LOG.log(Level.ERROR, "Cannot write records", e);
    for (int i = 0; i < size; i++) {
      miss(i, () -> new PagodaException(Fault.FATAL, "Cannot write records: " + e, e));
    }
  }

  /** {@return whether the block at {@code index} of the order has been missed} */
  boolean missed(int index) {
    Transfer owner = owner(index);
    return owner != null && owner.missed(block(index));
  }

  /** Empties the group. */
  void clear() {
    Arrays.fill(owners, 0, size, null);
    transfers.clear();
    size = 0;
  }

  private void add(@Nullable Transfer owner, int place, int slot) {
    if (size == places.length) {
      owners = Arrays.copyOf(owners, 2 * size);
      places = Arrays.copyOf(places, 2 * size);
      order = Arrays.copyOf(order, 2 * size);
    }
    owners[size] = owner;
    places[size] = place;
    order[size] = (long) layout.index(slot) << 32 | size;
    size++;
    owed.remove(slot);
  }
}
