package io.pagoda.node;

import io.pagoda.node.replay.Latencies;
import io.pagoda.node.replay.Replay;
import io.pagoda.node.replay.ReplayReport;
import io.pagoda.node.replay.ReplaySettings;
import io.pagoda.node.replay.ReportJson;
import io.pagoda.node.replay.ReportText;
import io.pagoda.node.replay.RequestSource;
import io.pagoda.node.replay.TraceReplay;
import io.pagoda.node.trace.PagodaTrace;
import java.io.IOException;

/** What demo and replay have in common: serve requests, and report. */
final class Run {
  private final Terminal terminal;
  private final JsonOption json;

  Run(Terminal terminal, JsonOption json) {
    this.terminal = terminal;
    this.json = json;
  }

  /** Serves the requests of a source. */
  ReplayReport serve(
      OpenStore open, Latencies latencies, ReplaySettings settings, RequestSource source) {
    return new Replay(open.store(), settings, latencies, terminal.progress()).run(source);
  }

  /** Repeats the requests of a store's own trace. */
  ReplayReport repeat(
      OpenStore open, Latencies latencies, boolean sameStore, ReplaySettings settings,
      PagodaTrace trace) {
    return new TraceReplay(open.store(), sameStore, settings, latencies, terminal.progress())
        .run(trace, open.tokensPerBlock());
  }

  /**
   * Shows a report to whom it is for.
   *
   * @return the exit code
   */
  int report(ReplayReport report) throws IOException {
    if (!json.takesStandardOutput()) {
      terminal.out().print(new ReportText(report).text(terminal.glyphs()));
      terminal.out().flush();
    }
    json.write(terminal, generator -> new ReportJson(generator).write(report));
    return report.passed() ? ExitCode.OK : ExitCode.FAILED;
  }
}
