package io.pagoda.tier.gpu;

import java.util.Locale;

/** How blocks are copied. */
enum CopyPath {
  /** Whatever is quickest for the size of the chunks. */
  AUTO,
  /** A kernel reads and writes pinned host memory itself. */
  KERNEL,
  /** A kernel puts blocks together in device memory, and a copy engine moves them whole. */
  STAGED,
  /** The device's copy engines, chunk by chunk, many chunks a call. */
  COPY_ENGINE,
  /** One copy call for each chunk; works on memory that is not pinned. */
  PLAIN;

  /** From which size on a copy engine is worth its start, in bytes: two thirds of its speed. */
  private static final long LARGE = 64 << 10;

  /** {@return the path as settings spell it} */
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns the quickest way, measured on an H200 (docs/bench).
   *
   * @param view what is copied
   * @param pinned whether the host memory is pinned
   * @param stageBlocks how many blocks a stage holds; 0 if there are no stages
   * @param settings what the operator wants
   */
  static CopyPath of(View view, boolean pinned, int stageBlocks, CudaSettings settings) {
    if (!pinned) {
      return PLAIN;
    }
    boolean staged = stageBlocks > 0;
    return switch (settings.path()) {
      case AUTO -> view.smallestChunk() >= settings.copyEngineFrom()
          ? COPY_ENGINE
          : staged && view.smallestRange() >= LARGE ? STAGED : KERNEL;
      case STAGED -> staged ? STAGED : KERNEL;
      case KERNEL, COPY_ENGINE, PLAIN -> settings.path();
    };
  }
}
