package io.pagoda.core.run;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.StoreStatistics.TierState;
import io.pagoda.core.graph.Care;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.observe.TierStateEvent;
import io.pagoda.core.plan.Hop;
import io.pagoda.spi.tier.BatchResult;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/*
 *   healthy ── so many stores in a row failed ──► read-only ── a probe succeeded ──► healthy
 *      └── a result was fatal, or late ──► retired ◄────┘
 *
 * A read-only tier is given one block when some time has passed; each that fails doubles the time.
 */
/**
 * How each tier is, and what it is still trusted with.
 *
 * <p><b>Threads.</b> Confined to the conductor.
 */
public final class Health {
  private static final System.Logger LOG = System.getLogger(Health.class.getName());
  private static final long FIRST_PAUSE = Duration.ofSeconds(1).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofMinutes(1).toNanos();

  /** Which tiers outlive the process. */
  final Durables durables;

  /** How tiers are looked after. */
  final Care care;

  private final Conductor conductor;
  private final Ledger ledger;
  private final TimeSource time;
  private final Tier[] tiers;
  private final Set<HopRun> unanswered = new LinkedHashSet<>();

  /** How often a tier was taken out. */
  private int rests;

  private static final class Tier {
    final String name;
    TierState state = TierState.HEALTHY;
    String why = "";
    long since;
    int failures;
    long pause = FIRST_PAUSE;
    long probeAt;

    /** When it was last taken out, in the order of {@link Health#rests}. */
    int rested;

    /** Whether nobody is in its place. */
    boolean out;

    /** Whether it is to leave, and takes no blocks any more. */
    boolean drains;

    /** Called when it has answered everything. */
    Runnable quiet = () -> {};

    Tier(String name, long since) {
      this.name = name;
      this.since = since;
    }
  }

  /**
   * Finds all well.
   *
   * @param conductor whose tasks tell
   * @param nodes the tiers
   * @param ledger what is where
   * @param durables which tiers outlive the process
   * @param care how tiers are looked after
   * @param time the time
   */
  public Health(
      Conductor conductor, List<TierNode> nodes, Ledger ledger, Durables durables, Care care,
      TimeSource time) {
    this.conductor = conductor;
    this.ledger = ledger;
    this.durables = durables;
    this.care = care;
    this.time = time;
    this.tiers = new Tier[nodes.size()];
    Arrays.setAll(tiers, i -> new Tier(nodes.get(i).name(), time.nanoTime()));
    ledger.space.onPlacement(this::takes, this::drains);
    ledger.onQuarantine(this::quarantined);
    durables.limit(care.timeout(), time, (why, tier) -> retire(tier, why));
  }

  /** {@return which tiers outlive the process} */
  public Durables durables() {
    return durables;
  }

  /** {@return how a tier is} */
  public TierState state(int tier) {
    return tiers[tier].state;
  }

  /** {@return why a tier is not healthy; empty if it is} */
  public String why(int tier) {
    return tiers[tier].why;
  }

  /** {@return for how long it has been so} */
  public Duration lasting(int tier) {
    return Duration.ofNanos(time.nanoTime() - tiers[tier].since);
  }

  boolean retired(int tier) {
    return tiers[tier].state == TierState.RETIRED;
  }

  /** {@return whether a tier may be given one more block now} */
  private boolean takes(int number) {
    Tier tier = tiers[number];
    return !tier.drains && switch (tier.state) {
      case HEALTHY -> true;
      case RETIRED -> false;
      case READ_ONLY -> {
        long now = time.nanoTime();
        boolean due = now - tier.probeAt >= 0;
        tier.probeAt = due ? now + tier.pause : tier.probeAt;
        yield due;
      }
    };
  }

  void asked(HopRun hop) {
    unanswered.add(hop);
  }

  void answered(HopRun hop) {
    int tier = hop.hop.tier();
    if (unanswered.remove(hop) && !busy(tier)) {
      Runnable callback = tiers[tier].quiet;
      tiers[tier].quiet = () -> {};
      callback.run();
    }
  }

  private boolean busy(int tier) {
    return unanswered.stream().anyMatch(hop -> hop.hop.tier() == tier);
  }

  /** {@return how often a tier was taken out; a plan notes it when it is made} */
  int rests() {
    return rests;
  }

  /** {@return whether a tier was taken out after a plan was made, which is not for the next one} */
  boolean restedSince(int tier, int rests) {
    return tiers[tier].rested > rests;
  }

  /**
   * Takes a tier out of use, well or not. Its blocks are forgotten, and nothing is asked of it any
   * more.
   *
   * @param quiet called when it has answered everything that it was asked before
   */
  public void rest(int number, Runnable quiet) {
    Tier tier = tiers[number];
    if (!retired(number)) {
      change(tier, TierState.RETIRED, "it was taken out");
      log(Level.INFO, "Tier '%s' was taken out".formatted(tier.name));
      durables.leave(number);
      forget(number);
    }
    tier.out = true;
    tier.rested = ++rests;
    if (busy(number)) {
      Runnable before = tier.quiet;
      tier.quiet = () -> {
        before.run();
        quiet.run();
      };
    } else {
      quiet.run();
    }
  }

  /** Has a tier be given no more blocks, or again. */
  public void drain(int number, boolean drains) {
    tiers[number].drains = drains;
    log(
        Level.INFO,
        "Tier '%s' %s".formatted(tiers[number].name, drains ? "drains" : "drains no more"));
  }

  /** {@return whether a tier that works is given no more blocks since it is to leave} */
  public boolean drains(int number) {
    return tiers[number].drains && !retired(number);
  }

  /** {@return how many tiers there are} */
  public int tiers() {
    return tiers.length;
  }

  /** Takes a tier into use again that was taken out. */
  public void resume(int number) {
    Tier tier = tiers[number];
    tier.out = false;
    tier.drains = false;
    tier.failures = 0;
    tier.pause = FIRST_PAUSE;
    change(tier, TierState.HEALTHY, "");
    log(Level.INFO, "Tier '%s' was put in again".formatted(tier.name));
  }

  /** {@return words for what a tier was asked and has not answered, late or not} */
  public List<String> unanswered(int tier) {
    return unanswered.stream()
        .filter(hop -> hop.hop.tier() == tier)
        .map(hop -> hop.hop.kind() + " of " + hop.batch)
        .toList();
  }

  /** Learns how a hop to or from a tier ended. */
  void ended(HopRun hop) {
    int number = hop.hop.tier();
    if (number == Hop.POOL || retired(number)) {
      return;
    }
    PagodaException cause = cause(hop.result);
    if (!judge(number, hop.result) && hop.hop.kind().leavesHub()) {
      stored(tiers[number], hop, cause);
    }
  }

  /** Takes a tier out of service if a result of it was fatal; returns whether it was. */
  boolean judge(int number, BatchResult result) {
    PagodaException cause = cause(result);
    if (cause == null || cause.fault() != Fault.FATAL) {
      return false;
    }
    retire(number, String.valueOf(cause.getMessage()));
    return true;
  }

  private void stored(Tier tier, HopRun hop, @Nullable PagodaException cause) {
    if (!(hop.result instanceof BatchResult.Failed)) {
      tier.failures = 0;
      if (tier.state == TierState.READ_ONLY) {
        tier.pause = FIRST_PAUSE;
        become(tier, TierState.HEALTHY, "");
      }
    } else if (cause != null && cause.fault() == Fault.PERMANENT) {
      failed(tier, cause);
    }
  }

  private void failed(Tier tier, PagodaException cause) {
    tier.failures++;
    if (tier.state == TierState.READ_ONLY) {
      tier.pause = Math.min(LONGEST_PAUSE, 2 * tier.pause);
      tier.probeAt = time.nanoTime() + tier.pause;
    } else if (tier.failures >= care.failures()) {
      tier.probeAt = time.nanoTime() + tier.pause;
      become(
          tier, TierState.READ_ONLY, "%d stores in a row failed, the last because: %s"
              .formatted(tier.failures, cause.getMessage()));
    }
  }

  /** Learns that a tier has not answered in time; returns what to tell of it. */
  BatchResult hangs(HopRun hop) {
    int tier = hop.hop.tier();
    String what = "%s of %s was not answered within %s: the device hangs"
        .formatted(hop.hop.kind(), hop.batch, care.timeout());
    retire(tier, what);
    return new BatchResult.Failed(new PagodaException(Fault.FATAL, what));
  }

  /** {@return how whatever was planned for a tier ends that was taken out meanwhile} */
  BatchResult gone() {
    return new BatchResult.Failed(
        new PagodaException(Fault.TRANSIENT, "it was taken out meanwhile"));
  }

  /** {@return how whatever is asked of a retired tier ends} */
  BatchResult refusal(int tier) {
    if (tiers[tier].out) {
      return gone(); // nothing that the next one in its place is to be blamed for
    }
    String message = "out of service: " + tiers[tier].why;
    return new BatchResult.Failed(new PagodaException(Fault.FATAL, message));
  }

  /** Takes a tier out of service: nothing is asked of it any more, and its blocks are lost. */
  void retire(int number, String why) {
    if (!retired(number)) {
      become(tiers[number], TierState.RETIRED, why);
      durables.retire(number);
      forget(number);
    }
  }

  private void forget(int number) {
    ledger.shared().retire(number);
    ledger.retire(number);
  }

  private void change(Tier tier, TierState state, String why) {
    long now = time.nanoTime();
    TierStateEvent.tell(tier.name, tier.state.name(), state.name(), why, now - tier.since);
    tier.state = state;
    tier.why = why;
    tier.since = now;
  }

  private void become(Tier tier, TierState state, String why) {
    change(tier, state, why);
    String text = switch (state) {
      case HEALTHY -> "takes blocks again";
      case READ_ONLY -> "is only read for a while, and tried again now and then: " + why;
      case RETIRED -> "is out of service until the store is opened again: " + why;
    };
    log(Level.WARNING, "Tier '%s' %s".formatted(tier.name, text));
  }

  private void quarantined(int tier, int slot, long high, long low, String cause) {
    log(
        Level.WARNING,
        "Tier '%s', slot %d, block %016x%016x: %s. The slot is not used until the next start"
            .formatted(tiers[tier].name, slot, high, low, cause));
  }

  private void log(Level level, String text) {
    conductor.announce(() -> LOG.log(level, text));
  }

  private static @Nullable PagodaException cause(BatchResult result) {
    return switch (result) {
      case BatchResult.Failed failed -> failed.cause();
      case BatchResult.Partial partial -> partial.cause();
      case BatchResult.Complete _ -> null;
    };
  }
}
