package io.pagoda.remote.objects;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/**
 * How the bytes of blocks are made smaller.
 *
 * <p><b>Threads.</b> Any.
 *
 * <p><b>Memory.</b> Buffers are direct, and moved from position to limit.
 */
interface Codec {
  /** Opens one; its native code is loaded only then. */
  static Codec open(Compression how, int level) {
    return switch (how) {
      case NONE -> throw new IllegalArgumentException("nothing is to be compressed");
      case LZ4 -> new Lz4();
      case ZSTD -> new Zstandard(level);
    };
  }

  /**
   * Makes bytes smaller.
   *
   * @return how many bytes it takes, or −1 if they do not fit
   */
  int compress(ByteBuffer from, ByteBuffer into);

  /** {@return whether bytes could be made what they were, to the last byte of {@code into}} */
  boolean decompress(ByteBuffer from, ByteBuffer into);

  /** LZ4. */
  record Lz4() implements Codec {
    @Override
    public int compress(ByteBuffer from, ByteBuffer into) {
      try {
        return LZ4Factory.fastestInstance()
            .fastCompressor()
            .compress(
                from, from.position(), from.remaining(), into, into.position(), into.remaining());
      } catch (LZ4Exception _) {
        return -1;
      }
    }

    @Override
    public boolean decompress(ByteBuffer from, ByteBuffer into) {
      try {
        int bytes = LZ4Factory.fastestInstance()
            .safeDecompressor()
            .decompress(
                from, from.position(), from.remaining(), into, into.position(), into.remaining());
        return bytes == into.remaining();
      } catch (LZ4Exception _) {
        return false;
      }
    }
  }

  /**
   * Zstandard.
   *
   * @param level how hard it tries
   */
  record Zstandard(int level) implements Codec {
    @Override
    public int compress(ByteBuffer from, ByteBuffer into) {
      try {
        return (int) Zstd.compressDirectByteBuffer(
            into, into.position(), into.remaining(), from, from.position(), from.remaining(),
            level);
      } catch (ZstdException _) {
        return -1;
      }
    }

    @Override
    public boolean decompress(ByteBuffer from, ByteBuffer into) {
      try {
        long bytes = Zstd.decompressDirectByteBuffer(
            into, into.position(), into.remaining(), from, from.position(), from.remaining());
        return bytes == into.remaining();
      } catch (ZstdException _) {
        return false;
      }
    }
  }
}
