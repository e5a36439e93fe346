package io.pagoda;

/**
 * The longest prefix that a model can go on from when two stores keep parts of it: one the layers
 * that attend to every token, the other the layers that attend to a window. Of the latter only the
 * last blocks of a prefix are needed, so the second store holds few of them, wherever a request has
 * ended or may branch off.
 *
 * <p>Both stores are asked for the same keys. A block is put into the second one with {@code
 * store.put(keys.range(i - n, i), …)}, where {@code n} is the window in blocks: a key stands for
 * all that comes before it, so a few keys from the middle of a prefix are as good as its beginning.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 *
 * <p><b>Memory.</b> Pins what both stores hold until it is closed, or fetches have taken both
 * matches over.
 */
public final class JointMatch implements AutoCloseable {
  private final Match full;
  private final Match window;
  private final int blocks;

  private JointMatch(Match full, Match window, int blocks) {
    this.full = full;
    this.window = window;
    this.blocks = blocks;
  }

  /**
   * Finds and pins the longest prefix whose every block is in {@code full}, and whose last {@code
   * windowBlocks} blocks are in {@code window}.
   *
   * @param full keeps the layers that attend to every token
   * @param window keeps the layers that attend to a window
   * @param keys the prefix asked for
   * @param windowBlocks how many blocks the window reaches back, at least 1
   * @throws IllegalArgumentException if the window has no block
   */
  public static JointMatch of(
      BlockStore full, BlockStore window, BlockKeys keys, int windowBlocks) {
    if (windowBlocks < 1) {
      throw new IllegalArgumentException("A window has at least 1 block, not " + windowBlocks);
    }
    Match matched = full.match(keys);
    try {
      return joined(matched, window, windowBlocks);
    } catch (RuntimeException e) {
      matched.close();
      throw e;
    }
  }

  private static JointMatch joined(Match full, BlockStore window, int windowBlocks) {
    for (int end = full.blocks();;) {
      int from = Math.max(0, end - windowBlocks);
      Match last = window.match(full.keys().range(from, end));
      if (last.blocks() == end - from) {
        return new JointMatch(full, last, end);
      }
      // No window that reaches over the block that is missing is whole.
      end = from + last.blocks();
      last.close();
    }
  }

  /** {@return how many leading blocks a model can go on from} */
  public int blocks() {
    return blocks;
  }

  /** {@return what the first store holds, of which the first {@link #blocks} are needed} */
  public Match full() {
    return full;
  }

  /** {@return the last blocks of those, at most as many as the window has} */
  public Match window() {
    return window;
  }

  /** Unpins the blocks of both, unless fetches have taken the matches over. */
  @Override
  public void close() {
    full.close();
    window.close();
  }
}
