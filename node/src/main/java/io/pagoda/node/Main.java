package io.pagoda.node;

/** Where the {@code pagoda} command begins. */
public final class Main {
  /** How the log looks among the other lines of a command: one line for each record. */
  private static final String LOG_FORMAT = "pagoda: %4$s: %5$s%6$s%n";

  private Main() {}

  /** Runs one command, and ends the process with its exit code. */
  public static void main(String[] args) {
    System.getProperties().putIfAbsent("java.util.logging.SimpleFormatter.format", LOG_FORMAT);
    System.exit(Pagoda.run(Terminal.ofProcess(), new ConfiguredStores(), args));
  }
}
