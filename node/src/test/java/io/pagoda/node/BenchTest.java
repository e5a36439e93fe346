package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.node.bench.BenchResult;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    Map<String, Supplier<List<BenchResult>>> benchmarks = new LinkedHashMap<>();
    benchmarks.put("a", () -> List.of(timed()));
    benchmarks.put("b", () -> List.of(copied()));
    Terminal terminal = new Terminal(stream(out), stream(err), false, false);
    OneLineErrors errors = new OneLineErrors(terminal);
    return new CommandLine(new BenchCommand(terminal, benchmarks))
        .setParameterExceptionHandler(errors)
        .setExecutionExceptionHandler(errors)
        .execute(args);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static BenchResult timed() {
    return new BenchResult(
        "a.match", Map.of("blocks", 512), OptionalDouble.of(1_234.5), OptionalDouble.empty(),
        OptionalDouble.empty(), Map.of("p99_ns", 2_000.0));
  }

  private static BenchResult copied() {
    return new BenchResult(
        "b.copy", Map.of("size", "64KiB"), OptionalDouble.empty(), OptionalDouble.of(21.5),
        OptionalDouble.of(0.987));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8).replaceAll("\\s+", " ").strip();
  }

  @Test
  void machinesGetOneArray() {
    assertEquals(0, run("all", "--json", "-"));
    assertEquals(
        "[ { \"name\" : \"a.match\", \"params\" : { \"blocks\" : 512 }, \"p50_ns\" : 1234.5,"
            + " \"p99_ns\" : 2000.0 }, { \"name\" : \"b.copy\", \"params\" : { \"size\" :"
            + " \"64KiB\" }, \"gb_per_s\" : 21.5, \"ratio\" : 0.987 } ]",
        out());
  }

  @Test
  void peopleGetATable() {
    assertEquals(0, run());
    assertTrue(out().contains("a.match blocks 512 1.2 µs p99 2.0 µs"), this::out);
    assertTrue(out().contains("b.copy size 64KiB 21.50 GB/s 98.7 %"), this::out);
  }

  @Test
  void oneCanBeChosen() {
    assertEquals(0, run("b", "--json"));
    assertTrue(out().contains("b.copy") && !out().contains("a.match"), this::out);
  }

  @Test
  void anUnknownOneIsRefused() {
    assertEquals(ExitCode.USAGE, run("c"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("there are a, b and all"));
  }
}
