package io.pagoda.node;

import io.pagoda.node.control.ControlCaller;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that says where a node that runs is told what to do. */
final class ControlOption {
  @Option(names = "--control", paramLabel = "SOCKET") private Optional<Path> socket =
      Optional.empty();

  /** {@return where, if it is said} */
  Optional<Path> socket() {
    return socket;
  }

  /** Tells the node, and prints what it answers. */
  int ask(Terminal terminal, String... words) throws IOException {
    new ControlCaller(socket.orElseThrow()).ask(List.of(words)).forEach(terminal.out()::println);
    return ExitCode.OK;
  }
}
