package io.pagoda.node;

import io.pagoda.PoolSpec;
import io.pagoda.node.replay.Geometry;
import io.pagoda.node.replay.Latencies;
import io.pagoda.node.replay.Pace;
import io.pagoda.node.replay.ReplayReport;
import io.pagoda.node.replay.ReplaySettings;
import io.pagoda.node.replay.TraceSource;
import io.pagoda.node.trace.PagodaTrace;
import io.pagoda.node.trace.TraceException;
import io.pagoda.node.trace.TraceFormat;
import io.pagoda.node.trace.TraceReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Replays a trace. */
@Command(name = "replay")
final class ReplayCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final StoreOpener stores;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private StoreOptions store = new StoreOptions();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--trace", required = true, paramLabel = "FILE") private Path trace = Path.of("");

  @Option(names = "--format", required = true, paramLabel = "FORMAT") private TraceFormat format =
      TraceFormat.MOONCAKE;

  @Option(names = "--speed", paramLabel = "SPEED",
      converter = PaceConverter.class) private Pace speed = Pace.MAX;

  @Option(names = "--limit", paramLabel = "N") private long limit = Long.MAX_VALUE;

  @Option(names = "--stay") private boolean stay;

  @Option(names = "--callers", paramLabel = "N") private int callers = 1;

  /** Reads a speed. */
  static final class PaceConverter implements ITypeConverter<Pace> {
    @Override
    public Pace convert(String text) {
      try {
        return Pace.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  ReplayCommand(Terminal terminal, StoreOpener stores) {
    this.terminal = terminal;
    this.stores = stores;
  }

  @Override
  public Integer call() throws IOException {
    if (limit < 1 || callers < 1) {
      throw new ParameterException(spec.commandLine(), "--limit and --callers are at least 1");
    }
    json.check();
    return replay(new Run(terminal, json));
  }

  /** Reports; then stays, if asked to, so that peers find what the store has. */
  private int told(Run run, ReplayReport report) throws IOException {
    if (report.counts().requests() == 0) {
      throw new TraceException("%s: no request in this trace".formatted(trace), null);
    }
    int code = run.report(report);
    if (stay) {
      StandardInput.awaitEnd();
    }
    return code;
  }

  private int replay(Run run) throws IOException {
    Latencies latencies = new Latencies();
    if (format == TraceFormat.PAGODA) {
      return repeat(run, latencies);
    }
    try (var _ = OrderlyEnd.begin();
        TraceSource source = new TraceSource(TraceReader.open(trace, format));
        ScratchDirectory scratch = ScratchDirectory.create();
        OpenStore open = stores.open(store.file(), store.overrides(scratch), latencies)) {
      return told(run, run.serve(open, latencies, settings(open), source));
    }
  }

  private int repeat(Run run, Latencies latencies) throws IOException {
    if (callers != 1) {
      throw new ParameterException(
          spec.commandLine(), "--callers: a trace of a store has callers of its own");
    }
    try (var _ = OrderlyEnd.begin();
        PagodaTrace source = PagodaTrace.open(trace);
        ScratchDirectory scratch = ScratchDirectory.create();
        OpenStore open = stores.open(
            Optional.of(store.fileOr(source.header().config(), scratch)),
            store.overridesOnDisk(scratch), latencies)) {
      return told(run, run.repeat(open, latencies, store.none(), settings(open), source));
    }
  }

  private ReplaySettings settings(OpenStore open) {
    PoolSpec geometry = Geometry.layerFirst(open.block());
    return new ReplaySettings(geometry, callers, speed, limit);
  }
}
