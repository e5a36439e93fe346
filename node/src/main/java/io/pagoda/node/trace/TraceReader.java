package io.pagoda.node.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a trace line by line; blank lines are skipped.
 *
 * <p><b>Threads.</b> One at a time.
 *
 * <p><b>Memory.</b> One line at a time, whatever the size of the file.
 *
 * <p><b>Failures.</b> {@link TraceException}, naming file and line.
 */
public final class TraceReader implements AutoCloseable {
  private final Path file;
  private final TraceFormat format;
  private final long fileBytes;
  private final InputStream in;
  private final Lines lines;

  private TraceReader(Path file, TraceFormat format, long fileBytes, InputStream in) {
    this.file = file;
    this.format = format;
    this.fileBytes = fileBytes;
    this.in = in;
    this.lines = new Lines(in);
  }

  /** Opens a trace whose lines are written in {@code format}. */
  @SuppressWarnings("resource") // the reader owns the stream
  public static TraceReader open(Path file, TraceFormat format) {
    try {
      return new TraceReader(file, format, Files.size(file), Files.newInputStream(file));
    } catch (NoSuchFileException e) {
      throw new TraceException(
          "Cannot read the trace %s: there is no such file".formatted(file), e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** {@return the next request, or nothing at the end of the trace} */
  public Optional<TraceRequest> next() {
    try {
      while (lines.next()) {
        if (!lines.blank()) {
          return Optional.of(parsed());
        }
      }
      return Optional.empty();
    } catch (Lines.LineTooLongException e) {
      throw malformed(e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private TraceRequest parsed() {
    try {
      return format.read(lines.bytes(), lines.length());
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private TraceException malformed(IOException e) {
    return new TraceException(
        "%s:%d: not a request in the format '%s': %s"
            .formatted(file, lines.number(), format, e.getMessage()),
        e);
  }

  private static TraceException unreadable(Path file, IOException e) {
    return new TraceException("Cannot read the trace %s: %s".formatted(file, e.getMessage()), e);
  }

  /** {@return how many tokens each block has} */
  public int tokensPerBlock() {
    return format.tokensPerBlock();
  }

  /** {@return how much of the file lies behind, from 0 to 1} */
  public double progress() {
    return fileBytes == 0 ? 1 : (double) lines.consumedBytes() / fileBytes;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }
}
