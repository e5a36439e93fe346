package io.pagoda.transport.tcp;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The frames that a connection receives. Only header and body are read into memory of the
 * connection; a payload is read to where it belongs.
 */
final class Inbox {
  /** The first two bytes of what a peer says that begins with TLS. */
  private static final short TLS_HANDSHAKE = 0x0316;

  private static final int SCRATCH_BYTES = 64 << 10;
  static final int BUFFER_BYTES = Frame.HEADER_BYTES + Frame.MAX_BODY_BYTES + SCRATCH_BYTES;
  /** Of a connection to whoever it may be: nothing longer than a handshake comes, nor payloads. */
  static final int SMALL_BYTES = Frame.HEADER_BYTES + Frame.MAX_REASON_BYTES;

  private final Wire wire;
  private final Arena arena;
  private Vectors vectors;
  private MemorySegment header;
  private MemorySegment body;
  private MemorySegment scratch;
  private boolean grows;
  private final Frame frame = Frame.empty();
  private final Handler handler;
  private Stage stage = Stage.HEADER;
  private @Nullable Ranges targets;
  private int nextRange;
  private long discard;

  private enum Stage {
    HEADER, BODY, PAYLOAD
  }

  /** Learns of frames. */
  interface Handler {
    /** {@return the longest body that a frame like this may have now, or −1 if it may not come} */
    int allowed(Frame frame);

    /**
     * A frame has come, but for its payload.
     *
     * @return where the payload goes; {@code null} to throw it away
     */
    @Nullable
    Ranges begun(Frame frame, MemorySegment body) throws IOException;

    /** The payload of the last frame has come, if there was one. */
    void ended(Frame frame);
  }

  /** Creates one for the frames of a handshake. */
  Inbox(Wire wire, Arena arena, Handler handler) {
    this.wire = wire;
    this.arena = arena;
    this.handler = handler;
    vectors = wire.vectors(arena, 1);
    MemorySegment all = arena.allocate(SMALL_BYTES, Long.BYTES);
    header = all.asSlice(0, Frame.HEADER_BYTES);
    body = all.asSlice(Frame.HEADER_BYTES);
    scratch = MemorySegment.NULL;
    vectors.add(header, 0, Frame.HEADER_BYTES);
  }

  /** From the next frame on it takes every one. */
  void grow() {
    grows = true;
  }

  private void growNow() {
    grows = false;
    vectors = wire.vectors(arena, Vectors.CAPACITY);
    MemorySegment all = arena.allocate(BUFFER_BYTES, Long.BYTES);
    header = all.asSlice(0, Frame.HEADER_BYTES);
    body = all.asSlice(Frame.HEADER_BYTES, Frame.MAX_BODY_BYTES);
    scratch = all.asSlice(Frame.HEADER_BYTES + Frame.MAX_BODY_BYTES);
  }

  /** {@return where the next bytes go; never empty} */
  Vectors vectors() {
    return vectors;
  }

  /** Some bytes have come. */
  void took(long count) throws IOException {
    vectors.consume(count);
    while (vectors.isEmpty()) {
      next();
    }
  }

  private void next() throws IOException {
    switch (stage) {
      case HEADER -> headerCame();
      case BODY -> bodyCame();
      case PAYLOAD -> payloadCame();
    }
  }

  private void headerCame() throws IOException {
    if (!frame.read(header)) {
      if (header.get(Frame.SHORT, 0) == TLS_HANDSHAKE) {
        throw new Refusal("it speaks TLS, and this side does not: set tls.enabled", null);
      }
      throw new IOException("what came is no frame: its checksum does not fit");
    }
    int allowed = handler.allowed(frame);
    int most = Math.min(allowed, (int) body.byteSize());
    if (frame.bodyBytes < 0 || frame.bodyBytes > most || frame.payloadBytes < 0) {
      throw new IOException(
          "a frame of type %d with %d bytes and %d behind may not come now"
              .formatted(frame.type, frame.bodyBytes, frame.payloadBytes));
    }
    stage = Stage.BODY;
    if (frame.bodyBytes > 0) {
      vectors.add(body, 0, frame.bodyBytes);
    }
  }

  private void bodyCame() throws IOException {
    targets = handler.begun(frame, body.asSlice(0, frame.bodyBytes));
    nextRange = 0;
    discard = targets == null ? frame.payloadBytes : 0;
    stage = Stage.PAYLOAD;
  }

  private void payloadCame() {
    Ranges into = targets;
    while (into != null && nextRange < into.count() && !vectors.full()) {
      vectors.add(into.memory(nextRange), into.offset(nextRange), into.bytes(nextRange));
      nextRange++;
    }
    if (discard > 0) {
      long part = Math.min(discard, SCRATCH_BYTES);
      vectors.add(scratch, 0, part);
      discard -= part;
    }
    if (vectors.isEmpty()) {
      handler.ended(frame);
      targets = null;
      stage = Stage.HEADER;
      if (grows) {
        growNow();
      }
      vectors.add(header, 0, Frame.HEADER_BYTES);
    }
  }
}
