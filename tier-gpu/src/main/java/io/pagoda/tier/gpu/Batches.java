package io.pagoda.tier.gpu;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The argument of launches of a kernel: which blocks, and where each is. Scattered and Spaced in
 * copy.cu. The driver copies it with each launch, so one serves all.
 *
 * <p><b>Threads.</b> Confined to whoever puts work into the stream.
 */
final class Batches implements AutoCloseable {
  /** What an argument can tell of. */
  enum Form {
    /** Blocks anywhere in host memory. */
    SCATTERED("pagoda_copy", BLOCKS),

    /** Blocks at equal distances. */
    SPACED("pagoda_copy_spaced", BLOCKS),

    /** The same, of which there are few. */
    FEW("pagoda_copy_few", Batches.FEW);

    /** The kernel that is told so. */
    final String kernel;

    /** How many blocks one launch copies at most. */
    final int most;

    Form(String kernel, int most) {
      this.kernel = kernel;
      this.most = most;
    }
  }

  /** How many blocks one launch copies at most. */
  static final int BLOCKS = 224;

  /** The same of a launch whose argument is short: that is put into a stream sooner. */
  static final int FEW = 48;

  /** Up to how many several short launches take no longer than one long one. */
  private static final int RATHER_FEW = FEW + FEW / 2;

  private static final int COUNT = 12;
  private static final int FIRST = 24;
  private static final int DISTANCE = 32;
  private static final int SPACED_NUMBERS = 40;
  private static final int HOSTS = 24;

  private final Arena arena = Arena.ofShared();
  private final Form form;
  private final int numbers;
  private final MemorySegment memory;
  private final MemorySegment list = arena.allocate(JAVA_LONG);
  private int count;

  /** Makes room for an argument. */
  Batches(Form form) {
    this.form = form;
    this.numbers = form == Form.SCATTERED ? HOSTS + form.most * Long.BYTES : SPACED_NUMBERS;
    this.memory = arena.allocate(numbers + form.most * (long) Integer.BYTES, Long.BYTES);
    list.set(JAVA_LONG, 0, memory.address());
  }

  /** {@return how many blocks of a stage a launch should copy where there is room for so many} */
  static int each(int room) {
    return room <= RATHER_FEW ? Math.min(room, FEW) : Math.min(room, BLOCKS);
  }

  /** {@return what it can tell of} */
  Form form() {
    return form;
  }

  /**
   * Begins an argument.
   *
   * @param table where the pieces are on the device
   * @param pieces how many
   * @param toDevice which way
   */
  void begin(long table, int pieces, boolean toDevice) {
    memory.set(JAVA_LONG, 0, table);
    memory.set(JAVA_INT, 8, pieces);
    memory.set(JAVA_INT, 16, toDevice ? 1 : 0);
    count = 0;
  }

  /**
   * Adds a block.
   *
   * @param host where it would start in host memory, or in a stage; unless it may be anywhere, as
   *     far from the one before as that from the one before it
   * @param number its number on the device
   */
  void add(long host, int number) {
    if (form == Form.SCATTERED) {
      memory.set(JAVA_LONG, HOSTS + count * (long) Long.BYTES, host);
    } else if (count == 0) {
      memory.set(JAVA_LONG, FIRST, host);
    } else if (count == 1) {
      memory.set(JAVA_LONG, DISTANCE, host - memory.get(JAVA_LONG, FIRST));
    }
    memory.set(JAVA_INT, numbers + count * (long) Integer.BYTES, number);
    count++;
  }

  /** Ends the argument; returns the address of an array with the address of the only one. */
  long list() {
    memory.set(JAVA_INT, COUNT, count);
    return list.address();
  }

  /** {@return how many blocks it tells of} */
  int count() {
    return count;
  }

  @Override
  public void close() {
    arena.close();
  }
}
