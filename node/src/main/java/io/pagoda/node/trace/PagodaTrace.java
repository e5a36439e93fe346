package io.pagoda.node.trace;

import io.pagoda.core.trace.TraceLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Reads the trace that a store wrote: all parts that are there of one run, the oldest first. The
 * last line may be torn off, as a process leaves it that was killed.
 *
 * <p><b>Threads.</b> One at a time.
 *
 * <p><b>Memory.</b> One line at a time.
 *
 * <p><b>Failures.</b> {@link TraceException}, naming file and line.
 */
public final class PagodaTrace implements AutoCloseable {
  private final PagodaHeader header;
  private final Deque<Path> files;
  private final long totalBytes;
  private PagodaPart part;
  private long consumedBefore;
  private boolean torn;

  private PagodaTrace(PagodaHeader header, List<Path> files) throws IOException {
    this.header = header;
    this.files = new ArrayDeque<>(files);
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    this.totalBytes = bytes;
    this.part = PagodaPart.open(this.files.remove());
  }

  /**
   * Opens a trace.
   *
   * @param newest its newest part; older ones are beside it, with {@code .1} and so on
   */
  public static PagodaTrace open(Path newest) {
    try {
      List<Path> files = new ArrayList<>();
      PagodaHeader first = null;
      for (int number = 0; number == 0 || Files.exists(numbered(newest, number)); number++) {
        Path file = numbered(newest, number);
        Optional<PagodaHeader> found = header(file, number);
        if (found.isEmpty()) {
          continue;
        }
        if (first != null && !precedes(found.get(), first)) {
          break;
        }
        first = found.get();
        files.addFirst(file);
      }
      if (first == null) {
        throw new TraceException("%s: no line of a trace is there".formatted(newest), null);
      }
      return new PagodaTrace(first, files);
    } catch (IOException e) {
      throw new TraceException("Cannot read the trace %s: %s".formatted(newest, e), e);
    }
  }

  private static boolean precedes(PagodaHeader older, PagodaHeader newer) {
    return older.run().equals(newer.run()) && older.part() == newer.part() - 1;
  }

  /** Reads a part's header; a writer that was killed may have left the newest without one. */
  private static Optional<PagodaHeader> header(Path file, int number) {
    boolean older = Files.exists(numbered(file, 1));
    if (number == 0 && !Files.exists(file) && older) {
      return Optional.empty();
    }
    if (!Files.exists(file)) {
      throw new TraceException(
          "Cannot read the trace %s: there is no such file".formatted(file), null);
    }
    try (PagodaPart part = PagodaPart.open(file)) {
      if (part.header().isEmpty() && !(number == 0 && older)) {
        throw new TraceException(
            "%s:1: not a line in the format 'pagoda': the first line has no end".formatted(file),
            null);
      }
      return part.header();
    }
  }

  private static Path numbered(Path newest, int number) {
    return number == 0 ? newest : newest.resolveSibling(newest.getFileName() + "." + number);
  }

  /** {@return what the oldest part says of the store} */
  public PagodaHeader header() {
    return header;
  }

  /** {@return whether it begins where the store did} */
  public boolean fromTheBeginning() {
    return header.part() == 0;
  }

  /** {@return the next line, or nothing at the end} */
  public Optional<TraceLine> next() {
    Optional<TraceLine> line = part.next();
    while (line.isEmpty() && !part.torn() && !files.isEmpty()) {
      consumedBefore += part.consumedBytes();
      part.close();
      part = PagodaPart.open(files.remove());
      line = part.next();
    }
    if (part.torn() && !files.isEmpty()) {
      throw new TraceException(
          "%s: the line has no end, and is not the last".formatted(part.where()), null);
    }
    torn = part.torn();
    return line;
  }

  /** {@return whether the last line that was read for is torn off} */
  public boolean torn() {
    return torn;
  }

  /** {@return where the last line was, for people} */
  public String where() {
    return part.where();
  }

  /** {@return how much of all parts lies behind, from 0 to 1} */
  public double progress() {
    return Math.min(1, (double) (consumedBefore + part.consumedBytes()) / totalBytes);
  }

  @Override
  public void close() {
    part.close();
  }
}
