package io.pagoda.core.index;

import io.pagoda.BlockKeys;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/*
 * An entry is a number into parallel primitive arrays; there is no object per block.
 *
 *   bytes   array            what
 *   16      words            the key
 *    8      parent, life     the block before it in its prefix, and which life of that entry
 *    4      lives            counts the lives of this entry number
 *    4      depth            how many blocks precede it
 *    4      pins             who forbids that it moves
 *    4 S    checksum         CRC32C of each of S sections, once it has left host memory
 *    2      ready, facts     bits by tier; whether the checksum is there, how often it was used
 *    2      owner            whose it is
 *    8 T    slots, children  for each of T tiers: its slot, and how many successors have one
 *    8..16  KeyTable         finding it
 *
 * Entries of a prefix are numbered consecutively when they are added together and the free list
 * keeps them so, which makes the next entry the first guess of a match: a hit costs one comparison
 * in memory that the processor has prefetched, a miss costs a look-up.
 *
 * A parent may go before its child (its tier failed, say). The child's reference is then of an
 * earlier life, and means nothing; a later put of the same prefix links it again.
 */
/**
 * Knows which blocks there are, where each is and whether its bytes are there yet.
 *
 * <p><b>Threads.</b> Confined: one thread at a time.
 *
 * <p><b>Memory.</b> All arrays are as long as the number of entries given at creation. Only {@link
 * #add} and {@link #assign} need space, and nothing allocates.
 */
public final class BlockIndex {
  /** An entry, a slot or a parent that is not there. */
  public static final int NONE = -1;

  /** Facts: the checksum is known. */
  private static final int SEALED = 1;

  /** Facts: one use. */
  private static final int USE = 2;

  /** Facts: as many uses as are counted. */
  private static final int USES = 6;

  private final int tiers;
  private final int capacity;
  private final int sections;
  private final long[] words;
  private final KeyTable table;
  private final int[] parent;
  private final int[] parentLife;
  private final int[] lives;
  private final int[] depth;
  private final int[] pins;
  private final int[] checksum;
  private final byte[] facts;
  private final short[] owners;
  private final byte[] ready;
  private final int[] slots;
  private final int[] children;

  /** The entry that was freed last; each free entry's parent is the one freed before it. */
  private int lastFree = NONE;

  private int freeCount;

  /** Entries from here on were never used. */
  private int fresh;

  /** Entries that have no slot and live by their pins alone. */
  private int ghosts;

  /** Entries that have ended and are still in the table. */
  private final int[] ended = new int[64];

  private int endedCount;

  private IntConsumer farewell = _ -> {};

  /** Told of an owned block that may go for all the index knows, and might not before. */
  private @Nullable IntConsumer freed;

  /** Creates an empty index of blocks that arrive as a whole. */
  public BlockIndex(int tiers, int capacity) {
    this(tiers, capacity, 1);
  }

  /**
   * Creates an empty index.
   *
   * @param tiers how many tiers there are, 1 to 8
   * @param capacity how many blocks it can know
   * @param sections how many sections a block has, each with a checksum
   */
  public BlockIndex(int tiers, int capacity, int sections) {
    if (tiers < 1 || tiers > Byte.SIZE || capacity < 1 || capacity > 1 << 29) {
      throw new IllegalArgumentException(
          "An index has 1 to 8 tiers and 1 to 2^29 entries: tiers=%d capacity=%d"
              .formatted(tiers, capacity));
    }
    this.tiers = tiers;
    this.capacity = capacity;
    this.sections = sections;
    this.words = new long[2 * capacity];
    this.table = new KeyTable(words);
    this.parent = new int[capacity];
    this.parentLife = new int[capacity];
    this.lives = new int[capacity];
    this.depth = new int[capacity];
    this.pins = new int[capacity];
    this.checksum = new int[Math.multiplyExact(capacity, sections)];
    this.facts = new byte[capacity];
    this.owners = new short[capacity];
    this.ready = new byte[capacity];
    this.slots = new int[Math.multiplyExact(capacity, tiers)];
    this.children = new int[slots.length];
    Arrays.fill(slots, NONE);
  }

  /**
   * Finds the longest prefix whose every block is ready in some tier.
   *
   * @param keys the prefix asked for
   * @param entries receives the entries of the blocks found; as long as {@code keys} at least
   * @return how many blocks that is
   */
  public int match(BlockKeys keys, int[] entries) {
    sweep();
    int guess = 0;
    for (int i = 0; i < keys.size(); i++) {
      long high = keys.high(i);
      long low = keys.low(i);
      int entry = guess;
      if (entry >= fresh || ready[entry] == 0 || low(entry) != low || high(entry) != high) {
        entry = table.find(high, low);
      }
      if (entry < 0 || ready[entry] == 0) {
        return i;
      }
      entries[i] = entry;
      guess = entry + 1;
    }
    return keys.size();
  }

  /** {@return the entry of a key, ready or not, or {@link #NONE}} */
  public int find(long high, long low) {
    sweep();
    return table.find(high, low);
  }

  /**
   * Adds a block, which must be given a slot next.
   *
   * @param high the upper half of its key, which is not in the index
   * @param low the lower half of its key
   * @param parentEntry the block before it, or {@link #NONE}
   * @param blockDepth how many blocks precede it
   * @return its entry
   * @throws IllegalStateException if the index is full
   */
  public int add(long high, long low, int parentEntry, int blockDepth) {
    sweep();
    int entry = take();
    words[2 * entry] = high;
    words[2 * entry + 1] = low;
    depth[entry] = blockDepth;
    parent[entry] = parentEntry;
    parentLife[entry] = parentEntry == NONE ? 0 : lives[parentEntry];
    table.add(entry);
    return entry;
  }

  /** Makes {@code parentEntry} the parent of a block that has lost its own. */
  public void adopt(int entry, int parentEntry) {
    if (parentEntry == NONE || livingParent(entry) != NONE) {
      return;
    }
    parent[entry] = parentEntry;
    parentLife[entry] = lives[parentEntry];
    for (int tier = 0; tier < tiers; tier++) {
      if (slot(entry, tier) != NONE) {
        children[parentEntry * tiers + tier]++;
      }
    }
  }

  /** Gives a block a slot, into which its bytes are yet to come. */
  public void assign(int entry, int tier, int slot) {
    if (pins[entry] != 0 && !placed(entry)) {
      ghosts--;
    }
    slots[entry * tiers + tier] = slot;
    int above = livingParent(entry);
    if (above != NONE) {
      children[above * tiers + tier]++;
    }
  }

  /** Records that a block's bytes are in its slot. */
  public void publish(int entry, int tier) {
    ready[entry] |= (byte) (1 << tier);
  }

  /** Records that a block's bytes are no longer in its slot, which it keeps. */
  public void unpublish(int entry, int tier) {
    ready[entry] &= (byte) ~(1 << tier);
  }

  /** Takes a block's slot away, which ends the entry if that was its last and nobody pins it. */
  public void unassign(int entry, int tier) {
    unpublish(entry, tier);
    slots[entry * tiers + tier] = NONE;
    int above = livingParent(entry);
    if (above != NONE) {
      children[above * tiers + tier]--;
      tellFreed(above);
    }
    if (placed(entry)) {
      return;
    }
    if (pins[entry] == 0) {
      end(entry);
    } else {
      ghosts++;
    }
  }

  /**
   * Takes the entries that have ended out of the table, if any. It happens by itself before
   * anything is looked up; together they cost less, since the processor fetches their cells side by
   * side.
   */
  public void sweep() {
    for (int i = 0; i < endedCount; i++) {
      table.remove(ended[i]);
    }
    for (int i = 0; i < endedCount; i++) {
      clear(ended[i]);
    }
    endedCount = 0;
  }

  /** Forbids that a block moves or leaves. */
  public void pin(int entry) {
    pins[entry]++;
  }

  /** Takes a pin back, which ends the entry if it has no slot and no other pin. */
  public void unpin(int entry) {
    if (pins[entry] == 0) {
      throw new IllegalStateException("Entry " + entry + " is not pinned");
    }
    if (--pins[entry] > 0) {
      return;
    }
    if (placed(entry)) {
      tellFreed(entry);
    } else {
      ghosts--;
      end(entry);
    }
  }

  private void tellFreed(int entry) {
    if (freed != null && owners[entry] != 0 && pins[entry] == 0) {
      freed.accept(entry);
    }
  }

  /** {@return whether anybody pins the block} */
  public boolean pinned(int entry) {
    return pins[entry] != 0;
  }

  /** {@return how many pins the block has} */
  public int pins(int entry) {
    return pins[entry];
  }

  /** {@return the block's slot in a tier, or {@link #NONE}} */
  public int slot(int entry, int tier) {
    return slots[entry * tiers + tier];
  }

  /** {@return whether the block's bytes are in its slot of a tier} */
  public boolean ready(int entry, int tier) {
    return (ready[entry] & 1 << tier) != 0;
  }

  /** {@return whether the block's bytes are anywhere} */
  public boolean ready(int entry) {
    return ready[entry] != 0;
  }

  /** {@return the hottest tier that has the bytes of the block, which is ready} */
  public int hottest(int entry) {
    return Integer.numberOfTrailingZeros(ready[entry]);
  }

  /** Adds for each tier how many of the first entries, as far as ready, are there and no hotter. */
  public void countHottest(int[] entries, int count, int[] byTier) {
    int last = 0;
    int alike = 0;
    for (int i = 0; i < count && ready(entries[i]); i++) {
      int tier = hottest(entries[i]);
      if (tier != last) {
        byTier[last] += alike;
        last = tier;
        alike = 0;
      }
      alike++;
    }
    byTier[last] += alike;
  }

  /** {@return whether the block has a slot in any tier, ready or not} */
  public boolean placed(int entry) {
    for (int tier = 0; tier < tiers; tier++) {
      if (slot(entry, tier) != NONE) {
        return true;
      }
    }
    return false;
  }

  /** {@return how many successors of the block have a slot in a tier} */
  public int children(int entry, int tier) {
    return children[entry * tiers + tier];
  }

  /** {@return whether no successor of the block has a slot anywhere} */
  public boolean leaf(int entry) {
    for (int tier = 0; tier < tiers; tier++) {
      if (children(entry, tier) != 0) {
        return false;
      }
    }
    return true;
  }

  /** {@return the block before this one, or {@link #NONE} if there is none or it is gone} */
  public int parent(int entry) {
    return livingParent(entry);
  }

  /**
   * Tells two words of the key of the block before one: 0 if there is none; the block's own if that
   * is gone, so that nobody can take it for the first of its prefix.
   */
  public void parentKey(int entry, long[] keys, int at) {
    int above = depth[entry] == 0 ? NONE : livingParent(entry);
    int known = above == NONE ? entry : above;
    keys[at] = depth[entry] == 0 ? 0 : words[2 * known];
    keys[at + 1] = depth[entry] == 0 ? 0 : words[2 * known + 1];
  }

  /** {@return how many blocks precede the block in its prefix} */
  public int depth(int entry) {
    return depth[entry];
  }

  /** {@return the upper half of the block's key} */
  public long high(int entry) {
    return words[2 * entry];
  }

  /** {@return the lower half of the block's key} */
  public long low(int entry) {
    return words[2 * entry + 1];
  }

  /** {@return whether the checksums of the block's bytes are known} */
  public boolean sealed(int entry) {
    return (facts[entry] & SEALED) != 0;
  }

  /** {@return the checksum of a section of the block's bytes, which is known} */
  public int checksum(int entry, int section) {
    return checksum[entry * sections + section];
  }

  /**
   * Records the checksums of the block's bytes.
   *
   * @param entry which block
   * @param sums holds a checksum for each section
   * @param from where they start in {@code sums}
   */
  public void seal(int entry, int[] sums, int from) {
    System.arraycopy(sums, from, checksum, entry * sections, sections);
    facts[entry] |= SEALED;
  }

  /** {@return whether the known checksums of the block's bytes are those of an array} */
  public boolean sealedWith(int entry, int[] sums, int from) {
    int own = entry * sections;
    return Arrays.equals(checksum, own, own + sections, sums, from, from + sections);
  }

  /** Forgets the checksums of the block's bytes: there are new ones. */
  public void unseal(int entry) {
    facts[entry] &= ~SEALED;
  }

  /** {@return how many sections a block has} */
  public int sections() {
    return sections;
  }

  /** Counts a use of the block. */
  public void use(int entry) {
    if ((facts[entry] & USES) != USES) {
      facts[entry] = (byte) (facts[entry] + USE);
    }
  }

  /** {@return how often the block was used, as far as that is counted: 0 to 3} */
  public int uses(int entry) {
    return (facts[entry] & USES) / USE;
  }

  /** {@return whose block it is; 0 if nobody's in particular} */
  public int owner(int entry) {
    return owners[entry];
  }

  /** Records whose block it is. */
  public void own(int entry, int owner) {
    owners[entry] = (short) owner;
  }

  /** Has somebody told of each entry that has ended, before its number is used again. */
  public void onEnd(IntConsumer ended) {
    farewell = ended;
  }

  /** Has somebody told of each owned block that loses its last pin, or a successor. */
  public void onFreed(IntConsumer told) {
    freed = told;
  }

  /** {@return how many blocks the index knows} */
  public int size() {
    return fresh - freeCount - endedCount;
  }

  /** {@return how many of them have no slot, and live by their pins alone} */
  public int ghosts() {
    return ghosts;
  }

  /** {@return how many blocks the index can know} */
  public int capacity() {
    return capacity;
  }

  /** {@return bytes of every array, whatever the number of blocks} */
  public long bytes() {
    long perEntry =
        2 * Long.BYTES + (5L + sections) * Integer.BYTES + 4 + 2L * Integer.BYTES * tiers;
    return perEntry * capacity + table.bytes();
  }

  private int livingParent(int entry) {
    int above = parent[entry];
    return above != NONE && lives[above] == parentLife[entry] ? above : NONE;
  }

  private int take() {
    if (lastFree != NONE) {
      int entry = lastFree;
      lastFree = parent[entry];
      freeCount--;
      return entry;
    }
    if (fresh == capacity) {
      throw new IllegalStateException("The index is full: " + capacity + " blocks");
    }
    return fresh++;
  }

  private void end(int entry) {
    if (endedCount == ended.length) {
      sweep();
    }
    ended[endedCount++] = entry;
  }

  private void clear(int entry) {
    farewell.accept(entry);
    lives[entry]++;
    words[2 * entry] = 0;
    words[2 * entry + 1] = 0;
    facts[entry] = 0;
    owners[entry] = 0;
    for (int tier = 0; tier < tiers; tier++) {
      children[entry * tiers + tier] = 0;
    }
    parent[entry] = lastFree;
    lastFree = entry;
    freeCount++;
  }
}
