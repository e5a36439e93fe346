package io.pagoda.core.trace;

import io.pagoda.core.trace.TraceHeader.Run;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.IntFunction;

/**
 * The parts of a trace, of which the newest is written.
 *
 * <p><b>Threads.</b> One at a time.
 */
final class TraceFiles implements AutoCloseable {
  private final TraceSettings settings;
  private final IntFunction<byte[]> header;
  private final Opener opener;
  private OutputStream out;
  private long size;
  private int part;

  /** Opens what is written to. */
  @FunctionalInterface
  interface Opener {
    OutputStream open(Path file) throws IOException;
  }

  private TraceFiles(TraceSettings settings, IntFunction<byte[]> header, Opener opener)
      throws IOException {
    this.settings = settings;
    this.header = header;
    this.opener = opener;
    if (Files.exists(settings.file()) && Files.size(settings.file()) > 0) {
      shift();
    }
    this.out = next();
  }

  /** Begins the trace of a run; what is there of another becomes an older part. */
  static TraceFiles open(TraceSettings settings, TraceHeader header, Run run) throws IOException {
    return open(settings, part -> header.json(run, part).line(), Files::newOutputStream);
  }

  static TraceFiles open(TraceSettings settings, IntFunction<byte[]> header, Opener opener)
      throws IOException {
    return new TraceFiles(settings, header, opener);
  }

  /** Opens the next part, with its header. */
  private OutputStream next() throws IOException {
    OutputStream opened = opener.open(settings.file());
    byte[] first = header.apply(part++);
    opened.write(first);
    size = first.length;
    return opened;
  }

  /** Writes whole lines, into one part. */
  void write(byte[] lines, int length) throws IOException {
    if (size + length > settings.rotateSize().bytes()) {
      out.close();
      shift();
      out = next();
    }
    out.write(lines, 0, length);
    size += length;
  }

  /** Makes every part one older; the oldest goes. */
  private void shift() throws IOException {
    for (int number = settings.files() - 2; number >= 0; number--) {
      if (Files.exists(numbered(number))) {
        Files.move(numbered(number), numbered(number + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.deleteIfExists(settings.file());
  }

  private Path numbered(int number) {
    return numbered(settings.file(), number);
  }

  /** {@return where the part is that is {@code number} older than the newest} */
  static Path numbered(Path newest, int number) {
    return number == 0 ? newest : newest.resolveSibling(newest.getFileName() + "." + number);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
