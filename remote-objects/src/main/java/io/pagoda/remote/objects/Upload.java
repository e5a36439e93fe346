package io.pagoda.remote.objects;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.List;

/**
 * One try to write an object, or a part of one, and where its bytes come from.
 *
 * <p><b>Threads.</b> One at a time takes bytes.
 */
public final class Upload extends Try {
  private final ByteBuffer[] parts;
  private final long length;
  private final boolean ifAbsent;
  private int part;
  private long position;

  /**
   * Begins a try.
   *
   * @param from native memory, one part after the other
   * @param ifAbsent whether an object that is there stays as it is
   */
  Upload(List<MemorySegment> from, boolean ifAbsent) {
    this.parts = from.stream().map(MemorySegment::asByteBuffer).toArray(ByteBuffer[]::new);
    this.length = from.stream().mapToLong(MemorySegment::byteSize).sum();
    this.ifAbsent = ifAbsent;
  }

  /** {@return how many bytes there are} */
  public long length() {
    return length;
  }

  /** {@return whether it is to fail if the object is there: {@code If-None-Match: *}} */
  public boolean ifAbsent() {
    return ifAbsent;
  }

  /** {@return how many bytes are still to be taken} */
  public long remaining() {
    return length - position;
  }

  /** Begins again with the first byte. */
  public void rewind() {
    for (ByteBuffer each : parts) {
      each.rewind();
    }
    part = 0;
    position = 0;
  }

  /**
   * Writes to a channel straight from the memory, as much as the channel takes.
   *
   * @return how many bytes; 0 if nothing is to be had any more
   * @throws IOException as the channel does
   */
  public long write(GatheringByteChannel channel) throws IOException {
    if (!lend()) {
      return 0;
    }
    try {
      long bytes = channel.write(parts);
      position += bytes;
      return bytes;
    } finally {
      giveBack();
    }
  }

  /**
   * Copies bytes into an array, as {@link java.io.InputStream#read(byte[], int, int)} does.
   *
   * @return how many bytes, −1 if there are no more
   * @throws IOException if the try was given up
   */
  public int read(byte[] into, int offset, int most) throws IOException {
    if (remaining() == 0) {
      return -1;
    }
    if (!lend()) {
      throw new IOException("The try was given up");
    }
    try {
      return copy(into, offset, most);
    } finally {
      giveBack();
    }
  }

  private int copy(byte[] into, int offset, int most) {
    while (!parts[part].hasRemaining()) {
      part++;
    }
    int count = Math.min(most, parts[part].remaining());
    parts[part].get(into, offset, count);
    position += count;
    return count;
  }
}
