package io.pagoda.node.text;

import java.io.PrintStream;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Plain lines every few seconds, for logs. */
public final class ProgressLines implements Progress {
  private final PrintStream out;
  private final Throttle throttle;

  /**
   * Creates an empty log.
   *
   * @param out takes the lines
   * @param nanoClock the time
   */
  public ProgressLines(PrintStream out, LongSupplier nanoClock) {
    this.out = out;
    this.throttle = new Throttle(nanoClock, 5_000_000_000L);
  }

  @Override
  public synchronized void at(double share, Supplier<String> detail) {
    if (throttle.due()) {
      out.printf("%3.0f %%  %s%s%n", 100 * share, detail.get(), throttle.remaining(share));
    }
  }

  @Override
  public void done() {}
}
