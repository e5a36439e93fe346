package io.pagoda.node;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has a node that runs take a plugin one step further. */
@Command
final class PluginsStepCommand implements Callable<Integer> {
  private final Terminal terminal;
  private final String step;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ControlOption control = new ControlOption();
  @Parameters(descriptionKey = "PLUGIN", paramLabel = "PLUGIN") private String plugin = "";

  /**
   * Creates the command.
   *
   * @param step the word for what is to be done
   */
  PluginsStepCommand(Terminal terminal, String step) {
    this.terminal = terminal;
    this.step = step;
  }

  @Override
  public Integer call() throws IOException {
    if (control.socket().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--control says which node: the SOCKET that its 'pagoda run --control' was given");
    }
    return control.ask(terminal, step, plugin);
  }
}
