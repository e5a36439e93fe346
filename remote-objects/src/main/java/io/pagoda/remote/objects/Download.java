package io.pagoda.remote.objects;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/**
 * One try to read an object or a range of it, and where its bytes go. A client asks for {@link
 * #range}, {@linkplain #begin begins} with what the head of the response says, and hands the bytes
 * over, in order, in whatever pieces.
 *
 * <p><b>Threads.</b> One at a time hands bytes over.
 */
public final class Download extends Try {
  private final Intake intake;
  private final long from;

  Download(Intake intake, long from) {
    this.intake = intake;
    this.from = from;
  }

  /** {@return the first byte that is asked for, counted within the object} */
  public long from() {
    return from;
  }

  /** {@return the end of what is asked for, exclusive; the object may end before} */
  public long to() {
    return intake.end();
  }

  /** {@return the header {@code Range}; empty if the whole object is asked for} */
  public Optional<String> range() {
    return from == 0 && intake.whole()
        ? Optional.empty()
        : Optional.of("bytes=" + from + "-" + (to() - 1));
  }

  /** {@return the header {@code If-Match}, if a former try has begun} */
  public Optional<String> tag() {
    return intake.tag();
  }

  /**
   * Takes what the head of the response says, before the bytes.
   *
   * @param first the first byte that comes, counted within the object: 0 unless the response has a
   *     {@code Content-Range}
   * @param total bytes of the whole object
   * @param tag its {@code ETag} as the header has it, empty if there is none
   * @return whether the bytes are wanted; if not, the client closes the connection, and completes
   *     its stage exceptionally
   */
  public boolean begin(long first, long total, String tag) {
    moved();
    return intake.begin(this, first, total, tag);
  }

  /** {@return how many bytes are still to be handed over, known once the try has begun} */
  public long remaining() {
    return intake.length() - intake.position();
  }

  /**
   * Reads from a channel straight into the memory, what there is room for and the channel has.
   *
   * @return how many bytes, −1 at the channel's end; 0 if nothing is wanted any more
   * @throws IOException as the channel does
   */
  public int read(ReadableByteChannel channel) throws IOException {
    if (!lend()) {
      return 0;
    }
    try {
      int bytes = channel.read(intake.room());
      intake.came(Math.max(0, bytes));
      return bytes;
    } finally {
      giveBack();
    }
  }

  /**
   * Copies the bytes that remain in a buffer.
   *
   * @return whether all were taken: false if nothing is wanted any more, or they are too many
   */
  public boolean write(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      if (remaining() == 0 || !lend()) {
        return false;
      }
      try {
        copy(bytes);
      } finally {
        giveBack();
      }
    }
    return true;
  }

  /** As {@link #write(ByteBuffer)}. */
  public boolean write(byte[] bytes, int offset, int length) {
    return write(ByteBuffer.wrap(bytes, offset, length));
  }

  private void copy(ByteBuffer bytes) {
    ByteBuffer room = intake.room();
    int count = Math.min(room.remaining(), bytes.remaining());
    room.put(room.position(), bytes, bytes.position(), count);
    room.position(room.position() + count);
    bytes.position(bytes.position() + count);
    intake.came(count);
  }
}
