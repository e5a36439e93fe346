package io.pagoda.node;

/** How a command ended, for scripts. The help lists them. */
final class ExitCode {
  /** All went well. */
  static final int OK = 0;

  /** The job ran, and failed: a wrong byte, or a fetch or a put that moved nothing. */
  static final int FAILED = 1;

  /** The command line makes no sense; or, as {@code bin/pagoda} says, Pagoda is not whole. */
  static final int USAGE = 2;

  /** The configuration is wrong, or asks for what is not available here. */
  static final int CONFIGURATION = 64;

  /** The input is wrong, or cannot be read. */
  static final int INPUT = 65;

  /** A defect of Pagoda. */
  static final int DEFECT = 70;

  /** A file cannot be read or written. */
  static final int IO = 74;

  /** Somebody interrupted it. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
