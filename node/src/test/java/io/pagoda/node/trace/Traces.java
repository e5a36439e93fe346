package io.pagoda.node.trace;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Published traces, which are too large to be part of this source tree. */
public final class Traces {
  private Traces() {}

  /** {@return the file with Mooncake's conversations; the test is aborted if it is not here} */
  public static Path conversations() {
    Path here = Path.of("").toAbsolutePath();
    Stream<Path> above = Stream.iterate(here, path -> path != null, Path::getParent)
        .map(path -> path.resolve("shared/traces"));
    Stream<Path> told = Optional.ofNullable(System.getenv("PAGODA_TRACES")).map(Path::of).stream();
    return Stream.concat(told, above)
        .map(directory -> directory.resolve("conversation_trace.jsonl"))
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseGet(
            () -> abort("needs conversation_trace.jsonl in PAGODA_TRACES or in shared/traces"));
  }
}
