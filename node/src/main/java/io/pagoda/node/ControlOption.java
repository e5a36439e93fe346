package io.pagoda.node;

import io.pagoda.node.control.ControlCaller;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option that says where a node that runs is told what to do. */
final class ControlOption {
  @Spec(Spec.Target.MIXEE) private CommandSpec command = CommandSpec.create();

  @Option(names = "--control", paramLabel = "SOCKET") private Optional<Path> socket =
      Optional.empty();

  /** {@return where, if it is said} */
  Optional<Path> socket() {
    return socket;
  }

  /**
   * Returns where, if it is said, and if nothing else is said that such a node would not look at.
   *
   * @param store what else is said
   */
  Optional<Path> socketBut(StoreOptions store) {
    if (socket.isPresent() && !store.none()) {
      throw new ParameterException(
          command.commandLine(),
          "--control asks a node that runs, which has its configuration: say nothing of another");
    }
    return socket;
  }

  /** Tells the node, and prints what it answers. */
  int ask(Terminal terminal, String... words) throws IOException {
    new ControlCaller(socket.orElseThrow()).ask(List.of(words)).forEach(terminal.out()::println);
    return ExitCode.OK;
  }
}
