package io.pagoda.tck;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A tier that checks its caller: no store to a slot that is in use and no slot twice in a store, no
 * more batches than the spec says, memory that is alive and that nobody else writes to while a
 * batch is in flight. It checks the tier beneath as well: one completion per batch, all of them
 * before close returns.
 *
 * <p>A call that breaks the contract throws {@link AssertionError} and moves nothing. Breaches are
 * also kept, since a caller may swallow what is thrown, and some are only found when a batch ends:
 * {@link #close} throws the first of them.
 *
 * <p>A load writes to its memory in one go, just before it completes.
 */
public final class AssertingTier implements StorageTier {
  /** What {@link #uses} says of a slot that is stored to. */
  private static final int STORING = -1;

  private final StorageTier tier;
  private final TierSpec spec;

  /** For each slot the loads in flight, or {@link #STORING}. */
  private final int[] uses;

  private final List<AssertionError> breaches = new ArrayList<>();
  private int inFlight;

  /** How many of those in flight the tier has taken: their calls have returned. */
  private int taken;

  private boolean told;

  /** Creates a tier that checks the callers of {@code tier}, which it closes in the end. */
  public AssertingTier(StorageTier tier) {
    this.tier = tier;
    this.spec = tier.spec();
    this.uses = new int[spec.slots()];
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public <A> Optional<A> ability(Class<A> ability) {
    return tier.ability(ability);
  }

  /** {@return how the contract was broken so far} */
  public synchronized List<AssertionError> breaches() {
    return List.copyOf(breaches);
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    var flight = new Flight(batch, false, completion);
    var shadow = new Shadow(batch, spec);
    try {
      tier.load(shadow.batch(), ended -> loaded(flight, shadow, ended));
      flight.taken();
    } catch (RuntimeException refused) {
      shadow.close();
      flight.end();
      throw refused;
    }
  }

  private static void loaded(Flight flight, Shadow shadow, BatchResult ended) {
    if (flight.landed()) {
      if (flight.memoryAlive()) {
        shadow.copyOut();
      }
      shadow.close();
      flight.complete(ended);
    }
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    var flight = new Flight(batch, true, completion);
    try {
      tier.store(batch, ended -> stored(flight, ended));
      flight.taken();
    } catch (RuntimeException refused) {
      flight.end();
      throw refused;
    }
  }

  private static void stored(Flight flight, BatchResult ended) {
    if (flight.landed()) {
      flight.complete(ended);
    }
  }

  private synchronized AssertionError breach(String how, BlockBatch batch) {
    var breach = new AssertionError(how + ": " + batch);
    breaches.add(breach);
    return breach;
  }

  private synchronized void occupy(BlockBatch batch, boolean storing) {
    if (inFlight == spec.batches()) {
      throw breach("More than %d batches at once".formatted(inFlight), batch);
    }
    for (int i = 0; i < batch.size(); i++) {
      int use = uses[batch.slot(i)];
      if (use == STORING || (storing && use > 0)) {
        release(batch, i);
        throw breach("Slot %d is in use by another block".formatted(batch.slot(i)), batch);
      }
      uses[batch.slot(i)] = storing ? STORING : use + 1;
    }
    inFlight++;
  }

  /** Takes back what the first {@code count} blocks of a batch occupy. */
  private synchronized void release(BlockBatch batch, int count) {
    for (int i = 0; i < count; i++) {
      int use = uses[batch.slot(i)];
      uses[batch.slot(i)] = use == STORING ? 0 : use - 1;
    }
  }

  @Override
  public void close() {
    tier.close();
    synchronized (this) {
      if (taken > 0) {
        breaches.add(new AssertionError("Closed with " + taken + " batches in flight"));
      }
      if (!told && !breaches.isEmpty()) {
        told = true;
        throw breaches.getFirst();
      }
    }
  }

  /** A batch on its way. */
  private final class Flight {
    private final BlockBatch batch;
    private final Completion completion;
    private final long checksum;
    private boolean taken;
    private boolean ended;

    Flight(BlockBatch batch, boolean storing, Completion completion) {
      batch.checkFits(spec);
      this.batch = batch;
      this.completion = completion;
      if (!memoryAlive()) {
        throw breach("The memory is gone before the call", batch);
      }
      occupy(batch, storing);
      this.checksum = checksum();
    }

    boolean memoryAlive() {
      return batch.memory().scope().isAlive();
    }

    private long checksum() {
      var crc = new CRC32C();
      for (int i = 0; i < batch.size(); i++) {
        crc.update(batch.memory(i).asByteBuffer());
      }
      return crc.getValue();
    }

    /** Records that the tier did not refuse the batch, which may have ended already. */
    void taken() {
      synchronized (AssertingTier.this) {
        if (!ended) {
          taken = true;
          AssertingTier.this.taken++;
        }
      }
    }

    /** Ends the flight; returns whether it had not ended before. */
    boolean end() {
      synchronized (AssertingTier.this) {
        boolean first = !ended;
        if (first) {
          ended = true;
          inFlight--;
          AssertingTier.this.taken -= taken ? 1 : 0;
          release(batch, batch.size());
        }
        return first;
      }
    }

    /** Ends the flight of a batch that has completed, and looks at its memory. */
    boolean landed() {
      String wrong = memoryAlive() ? wrongBytes() : "The memory went before the batch ended";
      boolean first = end();
      if (!first) {
        breach("The tier completed a batch twice", batch);
      } else if (!wrong.isEmpty()) {
        breach(wrong, batch);
      }
      return first;
    }

    private String wrongBytes() {
      return checksum() == checksum ? "" : "Somebody wrote to the memory of a batch in flight";
    }

    void complete(BatchResult result) {
      try {
        completion.complete(result);
      } catch (RuntimeException | Error thrown) {
        breach("The completion threw", batch).addSuppressed(thrown);
        throw thrown;
      }
    }
  }
}
