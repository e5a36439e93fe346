package io.pagoda.node;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tries links between stores by hand. */
@Command(name = "peer", synopsisSubcommandLabel = "COMMAND")
final class PeerCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "serve or ask?");
  }
}
