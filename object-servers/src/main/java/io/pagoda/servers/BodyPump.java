package io.pagoda.servers;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Passes one body on, and does to it what a fault says. One thread. */
final class BodyPump {
  private static final int PIECE = 16 << 10;
  private static final int FLIP = 0x40;
  private static final long MILLION = 1_000_000;

  private final Fault fault;
  private final Fault.Way way;
  private final CountDownLatch closed;
  private final LongConsumer counted;
  private final byte[] piece = new byte[PIECE];
  private long position;

  /**
   * Prepares.
   *
   * @param closed what ends a stall or a pause
   * @param counted told of bytes that are passed on
   */
  BodyPump(Fault fault, Fault.Way way, CountDownLatch closed, LongConsumer counted) {
    this.fault = fault;
    this.way = way;
    this.closed = closed;
    this.counted = counted;
  }

  /** The connection to the client is to end now. */
  static final class CutException extends IOException {
    private static final long serialVersionUID = 1;

    /** How it is to end. */
    private final Fault.End end;

    CutException(Fault.End end) {
      super("cut, " + end);
      this.end = end;
    }

    Fault.End end() {
      return end;
    }
  }

  /** Passes a body on, to its end. */
  void pass(HttpHead.Length length, InputStream in, OutputStream out) throws IOException {
    switch (length) {
      case HttpHead.Length.Fixed(long bytes) -> copy(bytes, in, out);
      case HttpHead.Length.UntilClosed _ -> copyAll(in, out);
      case HttpHead.Length.Chunked _ -> copyChunks(in, out);
    }
    out.flush();
  }

  private void copy(long bytes, InputStream in, OutputStream out) throws IOException {
    for (long left = bytes; left > 0;) {
      int read = in.read(piece, 0, (int) Math.min(left, PIECE));
      if (read < 0) {
        throw new EOFException("A body ended early");
      }
      write(read, out);
      left -= read;
    }
    write(0, out);
  }

  private void copyAll(InputStream in, OutputStream out) throws IOException {
    for (int read = 0; read >= 0; read = in.read(piece)) {
      write(read, out);
    }
  }

  private void copyChunks(InputStream in, OutputStream out) throws IOException {
    long bytes;
    do {
      String size = passLine(in, out);
      int extension = size.indexOf(';');
      bytes = Long.parseLong(extension < 0 ? size : size.substring(0, extension).strip(), 16);
      copy(bytes, in, out);
      if (bytes > 0) {
        passLine(in, out);
      }
    } while (bytes > 0);
    while (!passLine(in, out).isEmpty()) {
      // A trailing header: there may be another.
    }
  }

  private static String passLine(InputStream in, OutputStream out) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("A chunked body ended early");
      }
      line.write(next);
    }
    line.write('\n');
    line.writeTo(out);
    return line.toString(StandardCharsets.ISO_8859_1).strip();
  }

  private void write(int bytes, OutputStream out) throws IOException {
    int allowed = (int) Math.min(bytes, limit() - position);
    corrupt(allowed);
    counted.accept(allowed); // before whoever gets them can ask
    out.write(piece, 0, allowed);
    position += allowed;
    pause(allowed);
    if (position == limit()) {
      out.flush();
      end();
    }
  }

  private long limit() {
    return switch (fault) {
      case Fault.Cut(Fault.Way at, long after, Fault.End _) when at == way -> after;
      case Fault.Stall(Fault.Way at, long after) when at == way -> after;
      default -> Long.MAX_VALUE;
    };
  }

  private void corrupt(int bytes) {
    if (fault instanceof Fault.Corrupt(Fault.Way at, long place)
        && at == way
        && place >= position
        && place < position + bytes) {
      piece[(int) (place - position)] ^= FLIP;
    }
  }

  private void pause(int bytes) throws IOException {
    if (fault instanceof Fault.Slow(long bytesPerSecond)) {
      await(bytes * MILLION / bytesPerSecond);
    }
  }

  private void end() throws IOException {
    if (fault instanceof Fault.Cut cut) {
      throw new CutException(cut.end());
    }
    await(Long.MAX_VALUE);
    throw new CutException(Fault.End.CLOSE);
  }

  private void await(long micros) throws IOException {
    try {
      if (closed.await(micros, TimeUnit.MICROSECONDS)) {
        throw new CutException(Fault.End.CLOSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
