package io.pagoda.core.peer;

import io.pagoda.BlockKeys;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.peer.Message.Lent;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Keyed.Sealing;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One batch that is loaded from peers: asked for, read, and given back. */
final class Loading {
  private static final long FIRST_PAUSE = 1_000_000;

  private final BlockBatch batch;
  private final Sealing sealing;
  private final Means means;
  private final Lock lock = new ReentrantLock();
  private final BitSet missed = new BitSet();
  private final long end;
  private @Nullable PagodaException cause;

  /** By what it is loaded. */
  record Means(
      List<PeerNode> nodes, Whereabouts whereabouts, Hubs hubs, PeerTierSettings settings,
      PeerTally tally) {
    Optional<PeerNode> who(BlockBatch batch, int index) {
      Optional<PeerNode> known = whereabouts.of(batch.key(index));
      return known.isEmpty() && nodes.size() == 1 ? Optional.of(nodes.getFirst()) : known;
    }
  }

  Loading(BlockBatch batch, Sealing sealing, Means means) {
    this.batch = batch;
    this.sealing = sealing;
    this.means = means;
    end = System.nanoTime() + means.settings().deadline().toNanos();
  }

  BatchResult run() {
    CompletableFuture<?>[] all = byNode().entrySet()
        .stream()
        .map(
            each -> CompletableFuture
                .runAsync(() -> load(each.getKey(), each.getValue()), Thread::startVirtualThread))
        .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(all).join();
    means.tally().blocks.add(batch.size() - missed.cardinality());
    means.tally().bytes.add((batch.size() - missed.cardinality()) * batch.rangeBytes());
    PagodaException why = cause;
    if (missed.isEmpty() || why == null) {
      return BatchResult.COMPLETE;
    }
    return missed.cardinality() == batch.size()
        ? new BatchResult.Failed(why)
        : new BatchResult.Partial(missed, why);
  }

  private Map<PeerNode, List<Integer>> byNode() {
    Map<PeerNode, List<Integer>> byNode = new LinkedHashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      Optional<PeerNode> node = means.who(batch, i);
      if (node.isPresent()) {
        byNode.computeIfAbsent(node.get(), _ -> new ArrayList<>()).add(i);
      } else {
        miss(i, "nobody is known to have the block any more");
      }
    }
    return byNode;
  }

  private void load(PeerNode node, List<Integer> positions) {
    for (int from = 0; from < positions.size(); from += Message.MOST_LENT) {
      int to = Math.min(positions.size(), from + Message.MOST_LENT);
      load(node, positions.subList(from, to).stream().mapToInt(i -> i).toArray());
    }
  }

  private void load(PeerNode node, int[] positions) {
    Session session = node.session().orElse(null);
    try {
      if (session == null || left().isZero()) {
        throw lost(session == null ? node.trouble() : "the time for the batch is over");
      }
      load(session, positions);
    } catch (RuntimeException e) { // whatever a peer says, it costs its blocks and no more
      means.tally().failures.increment();
      for (int position : positions) {
        miss(position, "%s: %s".formatted(node, e.getMessage()));
      }
    }
  }

  /** Loads blocks, as many at a time as the peer may lend. */
  private void load(Session session, int[] positions) {
    int[] wanted = positions;
    long pause = FIRST_PAUSE;
    while (wanted.length > 0) {
      int[] busy = loadSome(session, wanted);
      if (busy.length < wanted.length) {
        pause = FIRST_PAUSE;
      } else if (left().toNanos() <= pause) {
        throw lost("it has lent as much as it may, or has not brought them up from disk in time");
      } else {
        LockSupport.parkNanos(pause);
        pause *= 2;
      }
      wanted = busy;
    }
  }

  /** {@return those that the peer has and may not lend yet} */
  private int[] loadSome(Session session, int[] positions) {
    means.tally().requests.increment();
    Lent lent = session.borrow(keys(positions), left());
    try {
      int[] held = positions(positions, lent, Loan.LENT);
      for (int absent : positions(positions, lent, Loan.ABSENT)) {
        means.whereabouts().remove(batch.key(absent));
        miss(absent, "the block has left the peer's memory");
      }
      if (held.length > 0) {
        check(lent, held.length * session.welcome().shape().checksums());
        read(session, held, GrantMetadata.decode(lent.grant()));
        seal(held, lent.checksums());
      }
      return positions(positions, lent, Loan.BUSY);
    } finally {
      session.release(lent.id());
    }
  }

  private BlockKeys keys(int[] positions) {
    long[] words = new long[2 * positions.length];
    for (int i = 0; i < positions.length; i++) {
      words[2 * i] = batch.keyHigh(positions[i]);
      words[2 * i + 1] = batch.keyLow(positions[i]);
    }
    return BlockKeys.ofWords(words);
  }

  private static int[] positions(int[] positions, Lent lent, byte state) {
    return IntStream.range(0, positions.length)
        .filter(i -> lent.states()[i] == state)
        .map(i -> positions[i])
        .toArray();
  }

  private static void check(Lent lent, int expected) {
    if (lent.checksums().length != expected) {
      throw lost(
          "it tells %d checksums instead of %d".formatted(lent.checksums().length, expected));
    }
  }

  private void read(Session session, int[] held, GrantMetadata grant) {
    Link link = session.link();
    String type = link.path().transport();
    Region region = means.hubs().region(type, batch.memory());
    int most = means.hubs().ranges(type);
    List<TransferHandle> handles = new ArrayList<>();
    try {
      for (int from = 0; from < held.length; from += most) {
        int to = Math.min(held.length, from + most);
        handles.add(link.post(reads(region, held, from, to, grant), left()));
      }
    } finally {
      await(session, handles);
    }
  }

  private RemoteBatch reads(Region region, int[] held, int from, int to, GrantMetadata grant) {
    int count = to - from;
    long[] local = new long[count];
    int[] windows = new int[count];
    long[] remote = new long[count];
    long[] lengths = new long[count];
    for (int i = 0; i < count; i++) {
      local[i] = batch.offset(held[from + i]);
      windows[i] = from + i;
      remote[i] = batch.rangeOffset();
      lengths[i] = batch.rangeBytes();
    }
    return new RemoteBatch(
        RemoteBatch.Direction.READ, List.of(region), new RemoteBatch.Side(local), grant,
        new RemoteBatch.Side(windows, remote), lengths);
  }

  /** Waits until nothing is read into the hub any more; what takes too long ends the session. */
  private static void await(Session session, List<TransferHandle> handles) {
    PagodaException failure = null;
    for (TransferHandle handle : handles) {
      TransferEnd how = handle.ended().toCompletableFuture().join();
      if (how instanceof TransferEnd.Expired expired) {
        session.end(expired.cause());
      }
      failure = how.failure().orElse(how.completed() ? failure : lost("it was cancelled"));
      handle.quiet().toCompletableFuture().join();
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void seal(int[] held, int[] checksums) {
    int each = checksums.length / held.length;
    lock.lock();
    try {
      for (int i = 0; i < held.length; i++) {
        sealing.sealed(held[i], checksums, i * each);
      }
    } finally {
      lock.unlock();
    }
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
  }

  private void miss(int position, String why) {
    lock.lock();
    try {
      missed.set(position);
      if (cause == null) {
        cause = new PagodaException(Fault.PERMANENT, why);
      }
    } finally {
      lock.unlock();
    }
  }

  private static PagodaException lost(String why) {
    return new PagodaException(Fault.TRANSIENT, why);
  }
}
