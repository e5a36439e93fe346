package io.pagoda.core.peer;

import io.pagoda.BlockKey;
import java.io.Serial;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.LongStream;

/**
 * Which peer has which block, as far as that was heard; of many, of those that were heard of last.
 *
 * <p><b>Threads.</b> Any.
 */
final class Whereabouts {
  private final SequencedMap<BlockKey, Heard> known;
  private final long longest;

  private record Heard(PeerNode node, long at) {}

  /** Creates one that remembers {@code most} blocks, each for so long. */
  Whereabouts(int most, Duration longest) {
    this.longest = longest.toNanos();
    known = new LinkedHashMap<>() {
      @Serial private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<BlockKey, Heard> eldest) {
        return size() > most;
      }
    };
  }

  /** Forgets all of a node; returns the two halves of each key that it was said to have. */
  synchronized long[] leave(PeerNode node) {
    List<BlockKey> left = known.entrySet()
        .stream()
        .filter(each -> each.getValue().node.equals(node))
        .map(Map.Entry::getKey)
        .toList();
    left.forEach(known::remove);
    return left.stream().flatMapToLong(key -> LongStream.of(key.high(), key.low())).toArray();
  }

  synchronized void put(BlockKey key, PeerNode node) {
    known.putLast(key, new Heard(node, System.nanoTime()));
  }

  synchronized Optional<PeerNode> of(BlockKey key) {
    return Optional.ofNullable(known.get(key))
        .filter(heard -> System.nanoTime() - heard.at <= longest)
        .map(Heard::node);
  }

  synchronized void remove(BlockKey key) {
    known.remove(key);
  }

  synchronized void clear() {
    known.clear();
  }
}
