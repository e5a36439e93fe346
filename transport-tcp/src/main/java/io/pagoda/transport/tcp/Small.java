package io.pagoda.transport.tcp;

import java.lang.foreign.MemorySegment;

/**
 * A frame of which all is known.
 *
 * @param type of the frame
 * @param status of an answer
 * @param id what it is about
 * @param body at most as long as a body may be
 * @param after done when it is sent
 */
record Small(byte type, int status, long id, byte[] body, Runnable after) implements Outgoing {
  private static final byte[] NOTHING = {};

  /** As it is, and nothing afterwards. */
  Small(byte type, int status, long id, byte[] body) {
    this(type, status, id, body, () -> {});
  }

  /** Says that all was done. */
  static Small done(long id) {
    return new Small(Frame.END, 0, id, NOTHING);
  }

  @Override
  public int encode(MemorySegment at) {
    Frame.bytes(at, Frame.HEADER_BYTES, body);
    return Frame.header(at, new int[] {type, 0, status, 0}, body.length, id, 0);
  }

  @Override
  public void sent() {
    after.run();
  }
}
