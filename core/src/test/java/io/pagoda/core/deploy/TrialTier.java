package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import io.pagoda.spi.Host;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.tck.MemoryTier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** Provides tiers in memory, and remembers which were opened and closed. */
final class TrialTier implements TierProvider {
  final List<String> events = new ArrayList<>();

  /** What a close waits for. */
  volatile CountDownLatch closing = new CountDownLatch(0);

  /** Whether a tier lacks a class when it is asked what it is like. */
  volatile boolean broken;

  private final String type;
  private final boolean addressable;
  private final Availability availability;

  TrialTier(String type, boolean addressable, Availability availability) {
    this.type = type;
    this.addressable = addressable;
    this.availability = availability;
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public Availability availability() {
    return availability;
  }

  @Override
  public StorageTier open(Settings settings, Host host) {
    if (settings.has("fail")) {
      throw new PagodaException(Fault.PERMANENT, settings.string("fail"));
    }
    int slots = TierSpec.slots(settings, host.blockBytes());
    long blockBytes = settings.has("lie") ? settings.bytes("lie").bytes() : host.blockBytes();
    events.add("open " + host.name() + " of " + slots);
    return new Tier(new MemoryTier(slots, blockBytes), host.name());
  }

  @Override
  public Optional<TierSpec> preview(Settings settings, Host host) {
    settings.has("fail");
    settings.has("lie");
    int slots = TierSpec.slots(settings, host.blockBytes());
    Medium medium = addressable ? Medium.HOST : Medium.DISK;
    return Optional.of(new TierSpec(medium, slots, host.blockBytes(), 1, 64));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Tier implements StorageTier {
    private final MemoryTier memory;
    private final String name;
    private boolean closed;

    Tier(MemoryTier memory, String name) {
      this.memory = memory;
      this.name = name;
    }

    @Override
    public TierSpec spec() {
      if (broken) {
        throw new NoClassDefFoundError("com/acme/Gone");
      }
      return memory.spec();
    }

    @Override
    public void load(BlockBatch batch, Completion completion) {
      memory.load(batch, completion);
    }

    @Override
    public void store(BlockBatch batch, Completion completion) {
      memory.store(batch, completion);
    }

    @Override
    public <A> Optional<A> ability(Class<A> ability) {
      return ability == Addressable.class && !addressable
          ? Optional.empty()
          : memory.ability(ability);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        await(closing);
        events.add("close " + name);
        memory.close();
      }
    }
  }
}
