package io.pagoda;

/**
 * Work that has been planned and not begun: a {@link KvMatch} or a {@link KvDraft}. What it needs
 * is pinned or reserved, until it is launched, closed, or older than the store's pin timeout.
 *
 * <p><b>Threads.</b> Safe for use by many threads; of several that launch a plan one does.
 */
public interface KvPlan extends AutoCloseable {
  /** {@return its number, and that of the task it becomes; never given twice by one cache} */
  long id();

  /** {@return whose blocks they are} */
  Namespace namespace();

  /**
   * Returns which tokens will move when the plan is launched: of a match those that will be loaded,
   * of a draft those that will be stored and are not yet. Of a draft they may have holes.
   */
  TokenMask tokens();

  /** Gives up what is pinned and reserved, unless the plan was launched; then it does nothing. */
  @Override
  void close();
}
