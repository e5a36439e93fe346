package io.pagoda.node.trace;

import io.pagoda.core.trace.TraceLine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** One file of a trace that a store wrote. */
final class PagodaPart implements AutoCloseable {
  private final Path file;
  private final InputStream in;
  private final Lines lines;
  private Optional<PagodaHeader> header = Optional.empty();
  private boolean torn;

  private PagodaPart(Path file, InputStream in) {
    this.file = file;
    this.in = in;
    this.lines = new Lines(in);
  }

  /** Opens a part and reads its header, which a writer that was killed may not have written. */
  @SuppressWarnings("resource") // the part owns the stream
  static PagodaPart open(Path file) {
    try {
      PagodaPart part = new PagodaPart(file, Files.newInputStream(file));
      part.readHeader();
      return part;
    } catch (IOException e) {
      throw new TraceException("Cannot read the trace %s: %s".formatted(file, e), e);
    }
  }

  private void readHeader() throws IOException {
    try {
      if (whole()) {
        header = Optional.of(PagodaHeader.read(lines.bytes(), lines.length()));
      }
    } catch (IOException e) {
      in.close();
      throw malformed(e);
    }
  }

  /** {@return its first line, if that was written to its end} */
  Optional<PagodaHeader> header() {
    return header;
  }

  /** {@return the next line, or nothing at the end, or where it was torn off} */
  Optional<TraceLine> next() {
    try {
      return !torn && whole()
          ? Optional.of(PagodaLine.read(lines.bytes(), lines.length()))
          : Optional.empty();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private boolean whole() throws IOException {
    boolean any = lines.next();
    torn = any && !lines.terminated();
    return any && !torn;
  }

  /** {@return whether it ends in the middle of a line} */
  boolean torn() {
    return torn;
  }

  /** {@return how many of its bytes lie behind} */
  long consumedBytes() {
    return lines.consumedBytes();
  }

  /** {@return file and line, for people} */
  String where() {
    return "%s:%d".formatted(file, lines.number());
  }

  private TraceException malformed(IOException e) {
    return new TraceException(
        "%s: not a line in the format 'pagoda': %s".formatted(where(), e.getMessage()), e);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new TraceException("Cannot read the trace %s: %s".formatted(file, e), e);
    }
  }
}
