package io.pagoda.node;

import io.pagoda.PagodaException;
import io.pagoda.node.trace.TraceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Tells an error in one line, and an exit code that says of which kind it is. */
final class OneLineErrors implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final Terminal terminal;

  OneLineErrors(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    return tell(failure, stackTraceAsked(command));
  }

  @Override
  public int handleParseException(ParameterException failure, String[] args) {
    String command = failure.getCommandLine().getCommandSpec().qualifiedName();
    terminal.err().printf("pagoda: %s (try '%s --help')%n", message(failure), command);
    return ExitCode.USAGE;
  }

  private static boolean stackTraceAsked(CommandLine command) {
    return command.getCommandSpec().root().userObject() instanceof Pagoda root && root.stackTrace();
  }

  /** Tells a failure that is nobody's exception to handle: memory that the machine has not. */
  int handleOutOfMemory(OutOfMemoryError failure) {
    terminal.err()
        .printf(
            "pagoda: there is not enough memory: %s; ask for fewer or smaller blocks%n",
            message(failure));
    trace(failure, false);
    return ExitCode.CONFIGURATION;
  }

  /** Tells of a failed command; returns its exit code. */
  int tell(Exception failure, boolean stackTrace) {
    int code = code(failure);
    String defect = code == ExitCode.DEFECT ? failure.getClass().getName() + ": " : "";
    terminal.err().printf("pagoda: %s%s%n", defect, message(failure));
    trace(failure, stackTrace);
    return code;
  }

  private void trace(Throwable failure, boolean asked) {
    if (asked || terminal.stackTraces()) {
      failure.printStackTrace(terminal.err());
    }
  }

  private static int code(Exception failure) {
    return switch (failure) {
      case TraceException _ -> ExitCode.INPUT;
      case PagodaException _ -> ExitCode.CONFIGURATION;
      case CancellationException _ -> ExitCode.INTERRUPTED;
      case IOException _,UncheckedIOException _ -> ExitCode.IO;
      default -> ExitCode.DEFECT;
    };
  }

  private static String message(Throwable failure) {
    return Objects.requireNonNullElse(failure.getMessage(), failure.getClass().getSimpleName());
  }
}
