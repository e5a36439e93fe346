package io.pagoda.node.text;

import java.util.function.Supplier;

/**
 * Told how far a job is, and shows it.
 *
 * <p><b>Threads.</b> Safe for use by many.
 */
public interface Progress {
  /** Shows nothing. */
  Progress SILENT = new Progress() {
    @Override
    public void at(double share, Supplier<String> detail) {}

    @Override
    public void done() {}
  };

  /**
   * Takes how far the job is.
   *
   * @param share from 0 to 1
   * @param detail what else to say; asked only when it is shown
   */
  void at(double share, Supplier<String> detail);

  /** Takes that the job has ended: what follows starts on an empty line. */
  void done();
}
