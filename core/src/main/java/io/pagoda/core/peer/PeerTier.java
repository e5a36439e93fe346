package io.pagoda.core.peer;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.HubNeighbour;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Metered;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/*
 * Nothing is pinned at a peer between a look-up and a load: a load asks for its blocks, reads them
 * and gives them back. What has left the peer's memory in between is a miss, and is forgotten here.
 */
/**
 * Host memory of other stores. It is only read: what is there was put there, by others.
 *
 * <p><b>Threads.</b> As every tier; each question waits in a thread of its own.
 *
 * <p><b>Memory.</b> The hub is registered with the transports until the tier is closed.
 *
 * <p><b>Failures.</b> A peer that is not there, or does not answer in time, has nothing; it is met
 * again later. Whatever cannot be had is missed for good, so that it is looked for anew.
 */
final class PeerTier implements StorageTier, Keyed, HubNeighbour, Metered, Peers {
  private static final String AFTER_RESET =
      "the store was reset, and peers may hold what it forgot: they are asked again when it is"
          + " opened again";

  /** How long it waits for other peers when one has blocks. */
  private static final long OTHERS_NANOS = 5_000_000;

  /** How long a block that was wrong is not looked for where it came from. */
  private static final Duration GRUDGE = Duration.ofMinutes(5);

  private final String name;
  private final TierSpec spec;
  private final PeerHost host;
  private final PeerTierSettings settings;
  private final Whereabouts whereabouts;
  private final Whereabouts rejected;
  private final Hubs hubs;
  private final PeerTally tally = new PeerTally();
  private final Phaser running = new Phaser(1);
  private volatile boolean reset;
  private List<PeerNode> nodes = List.of();
  private Consent consent = (_, _) -> {};

  /** What a peer has answered: how many it has. */
  private record Answer(PeerNode node, int blocks) {}

  PeerTier(TierSpec spec, PeerHost host, PeerTierSettings settings) {
    this.name = host.name();
    this.spec = spec;
    this.host = host;
    this.settings = settings;
    this.whereabouts = new Whereabouts(spec.slots(), Duration.ofNanos(Long.MAX_VALUE));
    this.rejected = new Whereabouts(spec.slots(), GRUDGE);
    this.hubs = new Hubs(host.transports());
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void meet(MemorySegment hub) {
    hubs.add(hub);
  }

  /** Meets the peers; those that are not there at once are met later. */
  @Override
  public void join(SealShape shape, Consent consent) {
    this.consent = consent;
    var own = new PeerShape(
        host.model(), host.tokensPerBlock(), spec.blockBytes(), shape.checksums(), shape.layout());
    var meeting = new Meeting(host.peers(), own, host.transports(), settings.deadline());
    nodes = settings.nodes()
        .stream()
        .map(node -> new PeerNode(node, meeting, settings.pauses(), this::left))
        .toList();
    nodes.forEach(PeerNode::begin);
    CompletableFuture<?>[] tried =
        nodes.stream().map(PeerNode::tried).toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(tried)
        .completeOnTimeout(null, settings.deadline().toNanos(), TimeUnit.NANOSECONDS)
        .join();
  }

  /** A peer is not there any more, nor is what it had. */
  private void left(PeerNode node) {
    long[] keys = whereabouts.leave(node);
    if (keys.length > 0) {
      consent.lost(keys);
    }
  }

  @Override
  public List<PeerTrial> trials() {
    return nodes.stream().map(PeerTrial::new).toList();
  }

  @Override
  public void find(long[] keys, int depth, IntConsumer found) {
    BlockKeys all = BlockKeys.ofWords(keys);
    BlockKeys asked = all.prefix(Math.min(all.size(), Message.MOST_KEYS));
    tally.lookedUp.add(asked.size());
    if (reset || nodes.stream().allMatch(node -> node.session().isEmpty())) {
      found.accept(0);
      return;
    }
    Set<PeerNode> having = new HashSet<>();
    begin(() -> find(asked, having), blocks -> {
      found.accept(blocks);
      // One that left before that may have been told of as gone already, and too early.
      having.stream().filter(node -> node.session().isEmpty()).forEach(this::left);
    }, _ -> 0);
  }

  /**
   * Returns how many of the keys the peer has that has most of them, as far as is soon heard.
   *
   * @param having takes those that are said to have some
   */
  private int find(BlockKeys keys, Set<PeerNode> having) {
    var answers = new LinkedBlockingQueue<Answer>();
    for (PeerNode node : nodes) {
      Thread.ofVirtual()
          .name("pagoda-peer-asks")
          .start(() -> answers.add(new Answer(node, look(node, keys))));
    }
    long end = System.nanoTime() + settings.deadline().toNanos();
    int most = 0;
    for (int heard = 0; heard < nodes.size() && most < keys.size(); heard++) {
      Answer answer = within(answers, end - System.nanoTime());
      if (answer == null) {
        break;
      }
      if (most == 0 && answer.blocks > 0) {
        end = Math.min(end, System.nanoTime() + OTHERS_NANOS);
      }
      for (int k = most; k < answer.blocks; k++) {
        whereabouts.put(keys.key(k), answer.node);
        having.add(answer.node);
      }
      most = Math.max(most, answer.blocks);
    }
    return reset ? 0 : most;
  }

  private static @Nullable Answer within(BlockingQueue<Answer> answers, long nanos) {
    try {
      return answers.poll(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private int look(PeerNode node, BlockKeys keys) {
    try {
      int has = node.session().map(session -> counted(session, keys)).orElse(0);
      for (int i = 0; i < has; i++) {
        if (rejected.of(keys.key(i)).filter(node::equals).isPresent()) {
          return i;
        }
      }
      return has;
    } catch (RuntimeException e) { // whatever a peer says, it has nothing then
      tally.failures.increment();
      return 0;
    }
  }

  private int counted(Session session, BlockKeys keys) {
    tally.requests.increment();
    return session.look(keys);
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    load(batch, (_, _, _) -> {}, completion);
  }

  @Override
  public void load(BlockBatch batch, Sealing sealing, Completion completion) {
    batch.checkFits(spec);
    var loading =
        new Loading(batch, sealing, new Loading.Means(nodes, whereabouts, hubs, settings, tally));
    begin(loading::run, completion::complete, PeerTier::failed);
  }

  private static BatchResult failed(Throwable cause) {
    return new BatchResult.Failed(
        new PagodaException(Fault.PERMANENT, "Peers could not be read: " + cause, cause));
  }

  /** Works on another thread, and tells what comes of it, whatever that is. */
  private <R> void begin(Supplier<R> work, Consumer<R> told, Function<Throwable, R> failed) {
    if (running.register() < 0) {
      throw new IllegalStateException("The tier '%s' is closed".formatted(name));
    }
    try {
      host.blocking().execute(() -> {
        try {
          told.accept(result(work, failed));
        } finally {
          running.arriveAndDeregister();
        }
      });
    } catch (RejectedExecutionException e) {
      running.arriveAndDeregister();
      told.accept(failed.apply(e));
    }
  }

  private <R> R result(Supplier<R> work, Function<Throwable, R> failed) {
    try {
      return work.get();
    } catch (RuntimeException | Error e) { // whoever waits is told
      PeerServer.LOG.log(Level.WARNING, "Peers of " + name + " could not be asked", e);
      return failed.apply(e);
    }
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    batch.checkFits(spec);
    completion.complete(
        new BatchResult.Failed(
            new PagodaException(
                Fault.PERMANENT,
                "The tier '%s' is memory of others, who alone put blocks there".formatted(name))));
  }

  /** Tells the peer that has brought a block, and does not believe it of this block again. */
  @Override
  public void reject(long keyHigh, long keyLow) {
    BlockKey key = new BlockKey(keyHigh, keyLow);
    whereabouts.of(key).ifPresent(node -> {
      rejected.put(key, node);
      node.session().ifPresent(session -> session.wrong(BlockKeys.of(List.of(key))));
    });
    whereabouts.remove(key);
  }

  /** Asks no peer any more: what they hold is theirs, and stays, and is what was forgotten here. */
  @Override
  public CompletionStage<Void> forgetAll() {
    reset = true;
    whereabouts.clear();
    rejected.clear();
    return CompletableFuture.completedStage(null);
  }

  @Override
  public Map<Figure, Long> figures() {
    Map<Figure, Long> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.BYTES_READ, tally.bytes.sum());
    figures.put(Figure.REQUESTS, tally.requests.sum());
    figures.put(Figure.FAILURES, tally.failures.sum());
    figures.put(Figure.LOOKED_UP, tally.lookedUp.sum());
    figures.put(Figure.BLOCKS_LOADED, tally.blocks.sum());
    return figures;
  }

  /** {@return which peers are not there, and why} */
  @Override
  public String trouble() {
    return reset ? AFTER_RESET : missing();
  }

  private String missing() {
    return nodes.stream()
        .filter(node -> !node.trouble().isEmpty())
        .map(node -> "%s: %s".formatted(node, node.trouble()))
        .collect(Collectors.joining("; "));
  }

  @Override
  public void close() {
    nodes.forEach(PeerNode::close);
    if (!running.isTerminated()) {
      running.arriveAndAwaitAdvance();
      running.arriveAndDeregister();
    }
    hubs.close();
  }

  @Override
  public String toString() {
    return "peers " + nodes;
  }
}
