package io.pagoda.node;

/** Where the {@code pagoda} command begins. */
public final class Main {
  private Main() {}

  /** Runs one command, and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(Pagoda.run(Terminal.ofProcess(), new ConfiguredStores(), args));
  }
}
