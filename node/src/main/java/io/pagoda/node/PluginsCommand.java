package io.pagoda.node;

import picocli.CommandLine.Command;

/** What there is to do about plugins; by itself, it lists them. */
@Command(name = "plugins")
final class PluginsCommand extends PluginsListCommand {
  PluginsCommand(Terminal terminal) {
    super(terminal);
  }
}
