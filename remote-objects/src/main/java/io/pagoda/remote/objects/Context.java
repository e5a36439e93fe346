package io.pagoda.remote.objects;

import io.pagoda.BlockKey;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the parts of a tier share, from when it is joined.
 *
 * @param bucket where objects are
 * @param requests who has requests made
 * @param settings the tier's
 * @param shape of objects
 * @param names of objects
 * @param presence what is known of which are there
 * @param rejected blocks whose objects are not what they should be: not found, and stored anew
 * @param headers memory for headers
 * @param packing what is kept of blocks
 */
record Context(
    Bucket bucket, Requests requests, ObjectSettings settings, ObjectShape shape, ObjectNames names,
    Presence presence, Set<BlockKey> rejected, Scratch headers,
    Packing packing) implements AutoCloseable {
  private static final int MOST_REJECTED = 1 << 16;

  static Context of(Bucket bucket, Requests requests, ObjectSettings settings, ObjectShape shape) {
    var look = settings.lookUp();
    return new Context(
        bucket, requests, settings, shape,
        new ObjectNames(settings.prefix(), shape.fingerprint(), settings.fanOut()),
        new Presence(look.entries(), look.presentFor(), look.absentFor()),
        ConcurrentHashMap.newKeySet(), new Scratch(shape.headerBytes(1)),
        new Packing(
            settings.compression(), settings.compressionLevel(), settings.secret(),
            settings.blockBytes(), settings.concurrency(), requests.tally));
  }

  /** {@return the figures} */
  Tally tally() {
    return requests.tally;
  }

  /** {@return what is verified with an encrypted block} */
  byte[] about(long keyHigh, long keyLow) {
    return ByteBuffer.allocate(3 * Long.BYTES)
        .putLong(shape.fingerprint())
        .putLong(keyHigh)
        .putLong(keyLow)
        .array();
  }

  /** Notes that the object of a block is not what it should be. */
  void reject(long keyHigh, long keyLow) {
    if (rejected.size() < MOST_REJECTED) {
      rejected.add(new BlockKey(keyHigh, keyLow));
    }
    presence.forget(keyHigh, keyLow);
  }

  /** {@return whether the object of a block is known not to be what it should be} */
  boolean isRejected(long keyHigh, long keyLow) {
    return !rejected.isEmpty() && rejected.contains(new BlockKey(keyHigh, keyLow));
  }

  /** Notes that a block is there, stored by whomever. */
  void stored(long keyHigh, long keyLow) {
    if (!rejected.isEmpty()) {
      rejected.remove(new BlockKey(keyHigh, keyLow));
    }
    presence.present(keyHigh, keyLow, System.nanoTime());
  }

  @Override
  public void close() {
    headers.close();
    packing.close();
  }
}
