package io.pagoda.core.door;

import io.pagoda.KvStatistics;
import io.pagoda.Namespace;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.BlockHasher.Root;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The namespaces that a door has seen: the first ones by themselves, the others together.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
final class Namespaces {
  /** How many are kept apart. */
  static final int KEPT = 256;

  private final BlockHasher hasher;
  private final List<String> tiers;
  private final Map<Namespace, Known> known = new ConcurrentHashMap<>();
  private final List<Known> order = new CopyOnWriteArrayList<>();
  private final Usage others;

  /**
   * What is known of a namespace.
   *
   * @param namespace which
   * @param root what its keys begin with
   * @param usage what was asked for in it
   */
  record Known(Namespace namespace, Root root, Usage usage) {}

  Namespaces(BlockHasher hasher, List<String> tiers) {
    this.hasher = hasher;
    this.tiers = tiers;
    this.others = new Usage(tiers);
    of(Namespace.SHARED);
  }

  /** {@return what is known of a namespace, which is remembered if there is room} */
  Known of(Namespace namespace) {
    Known found = known.get(namespace);
    return found == null ? add(namespace) : found;
  }

  private synchronized Known add(Namespace namespace) {
    Known found = known.get(namespace);
    if (found != null) {
      return found;
    }
    boolean room = known.size() < KEPT;
    var added = new Known(namespace, hasher.root(namespace), room ? new Usage(tiers) : others);
    if (room) {
      known.put(namespace, added);
      order.add(added);
    }
    return added;
  }

  /** {@return those that are kept apart, in the order of their first use} */
  List<Known> kept() {
    return order;
  }

  KvStatistics statistics() {
    return new KvStatistics(
        order.stream().map(each -> each.usage.row(each.namespace)).toList(),
        others.row(Namespace.SHARED));
  }
}
