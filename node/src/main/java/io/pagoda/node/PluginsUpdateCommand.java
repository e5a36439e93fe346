package io.pagoda.node;

import io.pagoda.node.control.ControlCaller;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has a node that runs put another version in the place of a plugin. */
@Command(name = "update")
final class PluginsUpdateCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(names = "--control", required = true, paramLabel = "SOCKET") private Path socket =
      Path.of("");

  @Parameters(index = "0", descriptionKey = "PLUGIN", paramLabel = "PLUGIN") private String plugin =
      "";

  @Parameters(index = "1", descriptionKey = "FROM", paramLabel = "FROM") private Path from =
      Path.of("");

  PluginsUpdateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    new ControlCaller(socket).ask(List.of("update", plugin, from.toAbsolutePath().toString()))
        .forEach(terminal.out()::println);
    return ExitCode.OK;
  }
}
