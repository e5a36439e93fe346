package io.pagoda.core.run;

import io.pagoda.BlockKeys;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.plan.Groups;
import io.pagoda.core.space.Space;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Recoverable.SealShape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/*
 * The engine knows of a block in such a tier as of any other: it has an entry and a slot. What
 * differs is how it came to know, and that its checksums come with its bytes.
 */
/**
 * The tiers that other machines share. Blocks are found there that nobody here has stored.
 *
 * <p><b>Threads.</b> Confined to the conductor, where nothing else is said.
 */
public final class SharedTiers {
  private static final System.Logger LOG = System.getLogger(SharedTiers.class.getName());

  /** How many blocks are forgotten by one task: others come in between. */
  private static final int LOST_AT_ONCE = 4096;

  private final Conductor conductor;
  private final List<TierNode> nodes;
  private final BlockIndex index;
  private final Space space;
  private final @Nullable Keyed[] tiers;
  private final long[] found;
  private final boolean[] open;

  /** Rises with each reset: what was asked before is not believed after. */
  private int era;

  private Lost onLost = (_, _) -> {};

  /** Is told of blocks that a tier has lost. */
  @FunctionalInterface
  interface Lost {
    void block(int entry, int tier);
  }

  /**
   * Finds them.
   *
   * @param conductor whose tasks they are known by
   * @param nodes all tiers
   * @param index what is where
   * @param space the slots
   */
  public SharedTiers(Conductor conductor, List<TierNode> nodes, BlockIndex index, Space space) {
    this.conductor = conductor;
    this.nodes = nodes;
    this.index = index;
    this.space = space;
    this.tiers = new Keyed[nodes.size()];
    this.found = new long[tiers.length];
    this.open = new boolean[tiers.length];
    for (int tier = Space.HUB + 1; tier < tiers.length; tier++) {
      tiers[tier] = nodes.get(tier).tier().ability(Keyed.class).orElse(null);
    }
  }

  /**
   * Makes them ready.
   *
   * @throws io.pagoda.PagodaException if one cannot work
   */
  public void join(SealShape shape) {
    for (int tier = 0; tier < tiers.length; tier++) {
      Keyed keyed = tiers[tier];
      if (keyed != null) {
        keyed.join(shape, consent(tier));
        open[tier] = true;
      }
    }
  }

  private Keyed.Consent consent(int tier) {
    return new Keyed.Consent() {
      @Override
      public void ask(long[] keys, Consumer<BitSet> refused) {
        conductor.execute(() -> leave(tier, BlockKeys.ofWords(keys), refused));
      }

      @Override
      public void lost(long[] keys) {
        BlockKeys all = BlockKeys.ofWords(keys);
        for (int from = 0; from < all.size(); from += LOST_AT_ONCE) {
          BlockKeys some = all.range(from, Math.min(all.size(), from + LOST_AT_ONCE));
          conductor.execute(() -> lose(tier, some));
        }
      }
    };
  }

  /** Forgets blocks that a tier has lost; those of a prefix last first. */
  private void lose(int tier, BlockKeys keys) {
    for (int i = keys.size() - 1; i >= 0; i--) {
      int entry = index.find(keys.high(i), keys.low(i));
      if (entry != BlockIndex.NONE && index.ready(entry, tier)) {
        onLost.block(entry, tier);
      }
    }
    index.sweep();
  }

  /** Has somebody told of blocks that a tier has lost. */
  void onLost(Lost listener) {
    onLost = listener;
  }

  /** {@return whether there are any; from any thread} */
  public boolean any() {
    return IntStream.range(0, tiers.length).anyMatch(this::has);
  }

  /** {@return whether a tier is one; from any thread} */
  public boolean has(int tier) {
    return tier >= 0 && tiers[tier] != null;
  }

  /** {@return what they keep together} */
  public Groups groups() {
    int[] sizes = new int[tiers.length];
    for (int tier = 0; tier < tiers.length; tier++) {
      Keyed keyed = tiers[tier];
      sizes[tier] = keyed == null ? 1 : Math.max(1, keyed.group());
    }
    return new Groups(sizes, index::depth);
  }

  /** {@return a tier of this kind, or null; from any thread} */
  @Nullable
  Keyed of(int tier) {
    return tiers[tier];
  }

  /** {@return how many blocks of a tier became known that others had stored} */
  public long found(int tier) {
    return found[tier];
  }

  /** Learns that a tier has not brought a block, or, if it is corrupt, has brought another. */
  void gone(int tier, long high, long low, boolean corrupt) {
    Keyed keyed = tiers[tier];
    if (corrupt && keyed != null) {
      conductor.afterwards(() -> keyed.reject(high, low));
    }
  }

  /** Forgets what was asked and has not been answered. */
  public void disbelieve() {
    era++;
  }

  /** Asks a tier no more. */
  void retire(int tier) {
    open[tier] = false;
  }

  /** {@return the tiers that may be asked} */
  private List<Integer> askable() {
    return IntStream.range(0, tiers.length).filter(tier -> open[tier]).boxed().toList();
  }

  /**
   * Has all of them looked through for what follows a prefix that is known. What is found gets
   * slots, and is ready when the future completes.
   *
   * @param keys the whole prefix asked for
   * @param known how many of its blocks are known, fewer than all; pinned until it completes
   * @param depth how many blocks come before the first that is not
   */
  public CompletableFuture<Void> find(BlockKeys keys, int known, int depth) {
    long[] words = words(keys, known);
    int asked = era;
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    for (int tier : askable()) {
      var answer = new CompletableFuture<Void>();
      answers.add(answer);
      conductor.afterwards(() -> ask(tier, words, depth, blocks -> conductor.execute(() -> {
        int more = asked == era ? Math.min(blocks, keys.size() - known) : 0;
        adopt(tier, keys, known, known + more);
        conductor.afterwards(() -> answer.complete(null));
      })));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
  }

  private static long[] words(BlockKeys keys, int from) {
    long[] words = new long[2 * (keys.size() - from)];
    for (int i = from; i < keys.size(); i++) {
      words[2 * (i - from)] = keys.high(i);
      words[2 * (i - from) + 1] = keys.low(i);
    }
    return words;
  }

  /** Asks a tier, and gives the first answer. When the conductor has been left. */
  private void ask(int tier, long[] words, int depth, Consumer<Integer> answer) {
    var answered = new AtomicBoolean();
    try {
      Objects.requireNonNull(tiers[tier]).find(words, depth, blocks -> {
        if (answered.compareAndSet(false, true)) {
          answer.accept(Math.max(0, blocks));
        }
      });
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "Tier '" + nodes.get(tier).name() + "' cannot look up", e);
      if (answered.compareAndSet(false, true)) {
        answer.accept(0);
      }
    }
  }

  /** Makes blocks known that a tier has, as far as it has slots for them. */
  private void adopt(int tier, BlockKeys keys, int from, int to) {
    int above = from == 0 ? BlockIndex.NONE : index.find(keys.high(from - 1), keys.low(from - 1));
    if (to == from || !open[tier] || (from > 0 && above == BlockIndex.NONE)) {
      return;
    }
    int[] pinned = new int[to - from + 1];
    int count = 0;
    if (from > 0) {
      index.pin(above); // or the next might be given its slot
      pinned[count++] = above;
    }
    for (int i = from; i < to; i++) {
      above = adopt(tier, keys.high(i), keys.low(i), above);
      if (above == BlockIndex.NONE) {
        break;
      }
      index.pin(above);
      pinned[count++] = above;
    }
    for (int i = 0; i < count; i++) {
      index.unpin(pinned[i]);
    }
  }

  /** {@return the entry of a block that is now known to be in a tier, or that it has no room} */
  private int adopt(int tier, long high, long low, int above) {
    int known = index.find(high, low);
    boolean comes = known != BlockIndex.NONE && !index.ready(known);
    if (comes || (known != BlockIndex.NONE && index.slot(known, tier) != BlockIndex.NONE)) {
      return comes ? BlockIndex.NONE : known;
    }
    int entry = space.adopt(known, tier, () -> added(high, low, above));
    found[tier] += entry == BlockIndex.NONE ? 0 : 1;
    return entry;
  }

  private int added(long high, long low, int above) {
    int entry = index.add(high, low, above, above == BlockIndex.NONE ? 0 : index.depth(above) + 1);
    space.welcome(entry, 0);
    return entry;
  }

  /** Forgets blocks that a tier is about to delete, unless one is in use or leads to others. */
  private void leave(int tier, BlockKeys keys, Consumer<BitSet> refused) {
    var staying = new BitSet();
    Set<Integer> going = new LinkedHashSet<>();
    Map<Integer, Integer> followers = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      int entry = index.find(keys.high(i), keys.low(i));
      if (entry == BlockIndex.NONE || index.slot(entry, tier) == BlockIndex.NONE) {
        continue;
      }
      if (isInUse(entry, tier, followers.getOrDefault(entry, 0))) {
        staying.set(i);
      } else if (going.add(entry)) {
        followers.merge(index.parent(entry), 1, Integer::sum);
      }
    }
    if (staying.isEmpty()) {
      going.forEach(entry -> forget(entry, tier));
      index.sweep();
    }
    conductor.afterwards(() -> refused.accept(staying));
  }

  /** {@return whether a block has to stay, of whose successors {@code going} are about to go} */
  private boolean isInUse(int entry, int tier, int going) {
    int successors = 0;
    for (int each = 0; each < tiers.length; each++) {
      successors += index.children(entry, each);
    }
    return successors > going || index.pinned(entry) || !index.ready(entry, tier);
  }

  private void forget(int entry, int tier) {
    space.condemn(entry, tier);
    space.abandon(entry, tier);
  }
}
