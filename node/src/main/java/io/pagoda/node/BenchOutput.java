package io.pagoda.node;

import io.pagoda.node.bench.BenchReport;
import java.io.IOException;

/**
 * Shows what benchmarks found to whom it is for.
 *
 * @param terminal where people read
 * @param json where machines do
 */
record BenchOutput(Terminal terminal, JsonOption json) {
  /**
   * Shows a report.
   *
   * @param text the same for people
   * @return the exit code
   */
  int show(BenchReport report, String text) throws IOException {
    if (!json.takesStandardOutput()) {
      terminal.out().print(terminal.glyphs().fit(text));
      terminal.out().flush();
    }
    json.write(terminal, report::write);
    return report.passed() ? ExitCode.OK : ExitCode.FAILED;
  }
}
