package io.pagoda.node;

import io.pagoda.ByteSize;
import io.pagoda.ModelSpec;
import io.pagoda.node.plan.CapacityPlan;
import io.pagoda.node.plan.HitCurve;
import io.pagoda.node.plan.PlanJson;
import io.pagoda.node.plan.PlanText;
import io.pagoda.node.trace.TraceException;
import io.pagoda.node.trace.TraceFormat;
import io.pagoda.node.trace.TraceReader;
import io.pagoda.node.trace.TraceRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tells from a trace what which capacity is worth. */
@Command(name = "plan")
final class PlanCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--model", required = true, paramLabel = "SPEC") private String model = "";

  @Option(names = "--trace", required = true, paramLabel = "FILE") private Path trace = Path.of("");

  @Option(names = "--format", paramLabel = "FORMAT",
      completionCandidates = Formats.class) private TraceFormat format = TraceFormat.MOONCAKE;

  @Option(names = "--block-tokens", paramLabel = "N") private int blockTokens = 16;

  @Option(names = "--memory", paramLabel = "SIZE",
      converter = SizeConverter.class) private Optional<ByteSize> memory = Optional.empty();

  @Option(names = "--disk", paramLabel = "SIZE",
      converter = SizeConverter.class) private Optional<ByteSize> disk = Optional.empty();

  /** The formats of traces whose lines are requests. */
  static final class Formats implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(TraceFormat.MOONCAKE, TraceFormat.BAILIAN)
          .map(TraceFormat::toString)
          .iterator();
    }
  }

  PlanCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (disk.isPresent() && memory.isEmpty()) {
      throw usage("--disk needs --memory: all bytes pass through memory");
    }
    json.check();
    ModelSpec told = new ModelOption(model).spec(blockTokens);
    CapacityPlan plan = plan(told);
    if (!json.takesStandardOutput()) {
      terminal.out().print(terminal.glyphs().fit(new PlanText(plan).text()));
    }
    json.write(terminal, generator -> new PlanJson(generator).write(plan));
    return ExitCode.OK;
  }

  private CapacityPlan plan(ModelSpec told) {
    try (TraceReader reader = TraceReader.open(trace, format)) {
      if (reader.tokensPerBlock() % told.tokensPerBlock() != 0) {
        throw usage(
            ("--block-tokens %d: a block of the trace has %d tokens, and cannot tell the hits of "
                + "blocks that are no whole part of it")
                .formatted(told.tokensPerBlock(), reader.tokensPerBlock()));
      }
      return new CapacityPlan(told, reader.tokensPerBlock(), curve(reader), memory, disk);
    }
  }

  private HitCurve curve(TraceReader reader) {
    HitCurve.Builder curve = new HitCurve.Builder();
    for (var line = reader.next(); line.isPresent(); line = reader.next()) {
      curve.add(
          line.map(TraceRequest::hashIds).orElseThrow().stream().mapToLong(id -> id).toArray());
    }
    HitCurve built = curve.build();
    if (built.references() == 0) {
      throw new TraceException("%s: no request in this trace".formatted(trace), null);
    }
    return built;
  }

  private ParameterException usage(String complaint) {
    return new ParameterException(spec.commandLine(), complaint);
  }
}
