package io.pagoda.remote.objects;

import io.pagoda.BlockKey;
import io.pagoda.remote.objects.Whereabouts.Place;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of a tier share, from when it is joined.
 *
 * @param bucket where objects are
 * @param requests who has requests made
 * @param settings the tier's
 * @param shape of objects
 * @param names of objects
 * @param presence what is known of which blocks are there
 * @param whereabouts in which objects blocks are
 * @param rejected blocks that are not what they should be, and the last blocks of the objects they
 *     are in: what is in these is not found, and stored anew
 * @param headers memory for headers
 * @param packing what is kept of blocks
 */
record Context(
    Bucket bucket, Requests requests, ObjectSettings settings, ObjectShape shape, ObjectNames names,
    Presence presence, Whereabouts whereabouts, Set<BlockKey> rejected, Headers headers,
    Packing packing) implements AutoCloseable {
  private static final int MOST_REJECTED = 1 << 16;
  // Objects of several blocks that others have stored; they are few where this tier stores none.
  private static final int OTHERS = 1 << 12;

  static Context of(Bucket bucket, Requests requests, ObjectSettings settings, ObjectShape shape) {
    var look = settings.lookUp();
    return new Context(
        bucket, requests, settings, shape,
        new ObjectNames(settings.prefix(), shape.fingerprint(), settings.fanOut()),
        new Presence(look.entries(), look.presentFor(), look.absentFor()),
        new Whereabouts(room(settings)), ConcurrentHashMap.newKeySet(),
        new Headers(shape, settings.blocksPerObject()),
        new Packing(
            settings.compression(), settings.compressionLevel(), settings.secret(),
            settings.blockBytes(), Math.max(settings.concurrency(), settings.blocksPerObject()),
            requests.tally));
  }

  /** Where blocks share objects, what the engine counts on is lost if nobody knows where it is. */
  private static int room(ObjectSettings settings) {
    int entries = settings.lookUp().entries();
    long slots = settings.slots();
    return settings.blocksPerObject() == 1
        ? Math.min(entries, OTHERS)
        : Math.clamp(slots + slots / 2, entries, Integer.MAX_VALUE / 4);
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

  /** {@return how many blocks an object has that this tier stores, unless it has one} */
  int group() {
    return settings.blocksPerObject();
  }

  /** {@return where a block is, as far as anybody knows; the object of its own name otherwise} */
  Place place(long keyHigh, long keyLow) {
    @Nullable Place known = whereabouts.of(keyHigh, keyLow);
    return known == null ? Place.alone(keyHigh, keyLow, false) : known;
  }

  /** Learns which blocks an object has. */
  void learn(ObjectHeader header) {
    int last = header.blocks() - 1;
    boolean unusual = group() > 1 || last > 0;
    for (int i = 0; i <= last; i++) {
      long high = header.keyHigh(i);
      long low = header.keyLow(i);
      if (unusual || whereabouts.of(high, low) != null) {
        var place = new Place(header.keyHigh(last), header.keyLow(last), last - i, last + 1, true);
        whereabouts.put(high, low, place);
      }
    }
  }

  /** Notes that a block is not what it should be, and so its object. */
  void reject(long keyHigh, long keyLow) {
    Place place = place(keyHigh, keyLow);
    if (rejected.size() < MOST_REJECTED) {
      rejected.add(new BlockKey(keyHigh, keyLow));
      rejected.add(new BlockKey(place.high(), place.low()));
    }
    presence.forget(keyHigh, keyLow);
    presence.forget(place.high(), place.low());
  }

  /** {@return whether a block, or the object that it is in, is not what it should be} */
  boolean isRejected(long keyHigh, long keyLow) {
    if (rejected.isEmpty()) {
      return false;
    }
    @Nullable Place place = whereabouts.of(keyHigh, keyLow);
    return rejected.contains(new BlockKey(keyHigh, keyLow))
        || (place != null && rejected.contains(new BlockKey(place.high(), place.low())));
  }

  /** Notes that a block is there, stored by whomever. */
  void stored(long keyHigh, long keyLow) {
    if (!rejected.isEmpty()) {
      rejected.remove(new BlockKey(keyHigh, keyLow));
    }
    presence.present(keyHigh, keyLow, System.nanoTime());
  }

  /** Notes that a block is not there, wherever it was looked for. */
  void gone(long keyHigh, long keyLow) {
    presence.absent(keyHigh, keyLow, System.nanoTime());
    whereabouts.forget(keyHigh, keyLow);
  }

  @Override
  public void close() {
    headers.close();
    packing.close();
  }
}
