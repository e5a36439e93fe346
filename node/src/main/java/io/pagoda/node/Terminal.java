package io.pagoda.node;

import io.pagoda.node.text.Glyphs;
import io.pagoda.node.text.Progress;
import io.pagoda.node.text.ProgressBar;
import io.pagoda.node.text.ProgressLines;
import java.io.Console;
import java.io.PrintStream;

/**
 * Where a command writes.
 *
 * @param out takes reports and nothing else
 * @param err takes progress and errors
 * @param interactive whether a person looks on
 * @param stackTraces whether errors show where they came from
 */
record Terminal(PrintStream out, PrintStream err, boolean interactive, boolean stackTraces) {
  /** {@return this process's own} */
  @SuppressWarnings("SystemConsoleNull") // it is null again in Java 25, away from a terminal
  static Terminal ofProcess() {
    Console console = System.console();
    return new Terminal(
        System.out, System.err, console != null && console.isTerminal(),
        System.getenv("PAGODA_DEBUG") != null);
  }

  /** {@return what pictures on {@link #out} are made of} */
  Glyphs glyphs() {
    return Glyphs.of(out.charset());
  }

  /** {@return a bar for a person, lines for a log} */
  Progress progress() {
    return interactive
        ? new ProgressBar(err, Glyphs.of(err.charset()), System::nanoTime)
        : new ProgressLines(err, System::nanoTime);
  }
}
