package io.pagoda.node.text;

import java.io.PrintStream;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A bar on a terminal, drawn over itself. */
public final class ProgressBar implements Progress {
  private static final int WIDTH = 30;
  private static final String START_OF_EMPTY_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final Glyphs glyphs;
  private final Throttle throttle;

  /**
   * Creates a bar.
   *
   * @param out a terminal
   * @param glyphs what it is drawn with
   * @param nanoClock the time
   */
  public ProgressBar(PrintStream out, Glyphs glyphs, LongSupplier nanoClock) {
    this.out = out;
    this.glyphs = glyphs;
    this.throttle = new Throttle(nanoClock, 100_000_000);
  }

  @Override
  public synchronized void at(double share, Supplier<String> detail) {
    if (throttle.due()) {
      out.printf(
          "%s  %s %3.0f %%  %s%s", START_OF_EMPTY_LINE, glyphs.bar(share, WIDTH), 100 * share,
          detail.get(), throttle.remaining(share));
      out.flush();
    }
  }

  @Override
  public synchronized void done() {
    out.print(START_OF_EMPTY_LINE);
    out.flush();
  }
}
