package io.pagoda.node;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.ResourceBundle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of all commands. */
@Command(name = "pagoda", versionProvider = Pagoda.Version.class, scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
final class Pagoda implements Runnable {
  /** What the help says. */
  private static final String TEXTS = "io.pagoda.node.help";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--stacktrace", scope = ScopeType.INHERIT) private boolean stackTrace;

  /** {@return whether errors are to show where they came from} */
  boolean stackTrace() {
    return stackTrace;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  /** Says which version this is. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"pagoda " + version(), "Java %s, %s %s".formatted(
          Runtime.version(), System.getProperty("os.name"), System.getProperty("os.arch"))};
    }

    private static String version() {
      var descriptor = Pagoda.class.getModule().getDescriptor();
      return descriptor == null
          ? "(not from its module)"
          : descriptor.rawVersion().orElse("(in the making)");
    }
  }

  /** Runs one command and returns its exit code. */
  static int run(Terminal terminal, StoreOpener stores, String... args) {
    try {
      return delivered(terminal, commandLine(terminal, stores).execute(args));
    } catch (OutOfMemoryError e) {
      return new OneLineErrors(terminal).handleOutOfMemory(e);
    }
  }

  /** A report that nobody received is a failure, which print streams keep to themselves. */
  private static int delivered(Terminal terminal, int code) {
    if (code == ExitCode.OK && terminal.out().checkError()) {
      terminal.err().println("pagoda: standard output did not take everything: is it closed?");
      return ExitCode.IO;
    }
    return code;
  }

  private static CommandLine commandLine(Terminal terminal, StoreOpener stores) {
    OneLineErrors errors = new OneLineErrors(terminal);
    return new CommandLine(new Pagoda()).addSubcommand(new DemoCommand(terminal, stores))
        .addSubcommand(new ReplayCommand(terminal, stores))
        .addSubcommand(new PlanCommand(terminal))
        .addSubcommand(new SimCommand(terminal))
        .addSubcommand(new AttachCommand(terminal))
        .addSubcommand(plugins(terminal))
        .addSubcommand(new CertifyCommand(terminal))
        .addSubcommand(new ConfigCommand(terminal))
        .addSubcommand(new DoctorCommand(terminal))
        .addSubcommand(peer(terminal))
        .addSubcommand(bench(terminal, stores))
        .setResourceBundle(ResourceBundle.getBundle(TEXTS, Locale.ROOT))
        .setOut(writer(terminal.out()))
        .setErr(writer(terminal.err()))
        .setExecutionExceptionHandler(errors)
        .setParameterExceptionHandler(errors)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  private static CommandLine plugins(Terminal terminal) {
    return new CommandLine(new PluginsCommand(terminal))
        .addSubcommand(new PluginsListCommand(terminal))
        .addSubcommand(new PluginsShowCommand(terminal))
        .addSubcommand(new PluginsWhyCommand(terminal))
        .addSubcommand(new PluginsInstallCommand(terminal))
        .addSubcommand(new PluginsUninstallCommand(terminal));
  }

  private static CommandLine peer(Terminal terminal) {
    return new CommandLine(new PeerCommand()).addSubcommand(new PeerServeCommand(terminal))
        .addSubcommand(new PeerAskCommand(terminal));
  }

  private static CommandLine bench(Terminal terminal, StoreOpener stores) {
    return new CommandLine(new BenchCommand(terminal, Benchmarks.all(terminal, stores)))
        .addSubcommand(new CopyBenchCommand(terminal))
        .addSubcommand(new EvictionBenchCommand(terminal))
        .addSubcommand(new FetchBenchCommand(terminal, stores))
        .addSubcommand(new LayersBenchCommand(terminal, stores))
        .addSubcommand(new LocalBenchCommand(terminal))
        .addSubcommand(new RestartBenchCommand(terminal, stores))
        .addSubcommand(new TierBenchCommand(terminal))
        .addSubcommand(new TransportBenchCommand(terminal));
  }

  private static PrintWriter writer(PrintStream out) {
    return new PrintWriter(out, true, out.charset());
  }
}
