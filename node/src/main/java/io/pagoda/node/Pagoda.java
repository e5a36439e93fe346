package io.pagoda.node;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The root of all commands. */
@Command(name = "pagoda", versionProvider = Pagoda.Version.class, scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
final class Pagoda implements Runnable {
  /** What the help says. */
  private static final String TEXTS = "io.pagoda.node.help";

  /** What lists plugins, and has no options to read. */
  private static final List<List<String>> LISTS =
      List.of(List.of("plugins"), List.of("plugins", "list"));

  /** The options of a command that the command below it looks for. */
  private static final List<String> READ_ANYWHERE =
      List.of("--json", "--stacktrace", "--help", "--version");

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
      int code = LISTS.contains(List.of(args))
          ? listed(terminal)
          : commandLine(terminal, stores, args).execute(args);
      return delivered(terminal, code);
    } catch (OutOfMemoryError e) {
      return new OneLineErrors(terminal).handleOutOfMemory(e);
    }
  }

  /** Lists plugins. No options are read, which lasts as long as to look at the plugins. */
  private static int listed(Terminal terminal) {
    try {
      PluginList.plain().print(terminal);
      return ExitCode.OK;
    } catch (RuntimeException e) {
      return new OneLineErrors(terminal).tell(e, false);
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

  /** {@return the root and its commands; of those only the one that is asked for, if one is} */
  private static CommandLine commandLine(Terminal terminal, StoreOpener stores, String... args) {
    OneLineErrors errors = new OneLineErrors(terminal);
    return asked(new CommandLine(new Pagoda()), commands(terminal, stores, args), 0, args)
        .setResourceBundle(ResourceBundle.getBundle(TEXTS, Locale.ROOT))
        .setOut(writer(terminal.out()))
        .setErr(writer(terminal.err()))
        .setExecutionExceptionHandler(errors)
        .setParameterExceptionHandler(errors)
        .setExecutionStrategy(Pagoda::executed)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /** Runs what was parsed, if no option of {@code plugins} stands where nobody reads it. */
  private static int executed(ParseResult parsed) {
    ParseResult command = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
    if (command.hasSubcommand() && command.commandSpec().userObject() instanceof PluginsCommand) {
      command.matchedOptions()
          .stream()
          .map(OptionSpec::longestName)
          .filter(name -> !READ_ANYWHERE.contains(name))
          .findFirst()
          .ifPresent(name -> {
            throw new ParameterException(
                command.commandSpec().commandLine(),
                "say %s after '%s'".formatted(name, command.subcommand().commandSpec().name()));
          });
    }
    return new RunLast().execute(parsed);
  }

  /** Adds the command that an argument names: reading what all of them take lasts longer. */
  private static CommandLine asked(
      CommandLine parent, Map<String, Supplier<Object>> commands, int at, String... args) {
    String name = at < args.length ? args[at] : "";
    commands.forEach((key, command) -> {
      if (key.equals(name) || !commands.containsKey(name)) {
        parent.addSubcommand(key, command.get());
      }
    });
    return parent;
  }

  private static Map<String, Supplier<Object>> commands(
      Terminal terminal, StoreOpener stores, String... args) {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("demo", () -> new DemoCommand(terminal, stores));
    commands.put("run", () -> new RunCommand(terminal));
    commands.put("replay", () -> new ReplayCommand(terminal, stores));
    commands.put("plan", () -> new PlanCommand(terminal));
    commands.put("sim", () -> new SimCommand(terminal));
    commands.put("attach", () -> new AttachCommand(terminal));
    commands.put("plugins", () -> plugins(terminal, args));
    commands.put("certify", () -> new CertifyCommand(terminal));
    commands.put("config", () -> new ConfigCommand(terminal));
    commands.put("doctor", () -> new DoctorCommand(terminal));
    commands.put("peer", () -> peer(terminal));
    commands.put("bench", () -> bench(terminal, stores));
    return commands;
  }

  private static CommandLine plugins(Terminal terminal, String... args) {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("list", () -> new PluginsListCommand(terminal));
    commands.put("show", () -> new PluginsShowCommand(terminal));
    commands.put("why", () -> new PluginsWhyCommand(terminal));
    commands.put("install", () -> new PluginsInstallCommand(terminal));
    commands.put("uninstall", () -> new PluginsUninstallCommand(terminal));
    for (String step : List.of("start", "drain", "stop")) {
      commands.put(step, () -> new PluginsStepCommand(terminal, step));
    }
    commands.put("update", () -> new PluginsUpdateCommand(terminal));
    return asked(new CommandLine(new PluginsCommand(terminal)), commands, 1, args);
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
