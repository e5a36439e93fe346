package io.pagoda.tier.ssd;

import io.pagoda.ByteSize;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.HubNeighbour;
import io.pagoda.spi.tier.Metered;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.spi.tier.Zoned;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Blocks in files. What it holds outlives it if its settings say so and it was {@linkplain
 * io.pagoda.spi.tier.Recoverable#recover recovered}.
 *
 * <p><b>Threads.</b> For each device one thread of its own does all but waiting for the disk; where
 * records are synced, another waits for those of stores. They call the completions; {@link #close}
 * must not be called by one.
 *
 * <p><b>Memory.</b> The kernel reads and writes the memory of batches itself; only the ragged ends
 * of sub-ranges are copied, when the page cache is bypassed.
 *
 * <p><b>Failures.</b> A full disk is transient, an unreadable place is permanent, a device that is
 * gone is fatal, to its own blocks while there are others. A file that was cut makes its blocks
 * fail.
 */
final class SsdTier implements StorageTier, HubNeighbour, Metered, Zoned {
  private final TierSpec spec;
  private final SsdSettings settings;
  private final SlotFiles files;
  private final Layout layout;
  private final List<Loop> loops;
  private final boolean registers;
  private final @Nullable Keeper keeper;
  private final Gate gate = new Gate();
  private final Outages outages;
  private final Teller teller;
  private final List<Tally> tallies;
  private boolean closed;

  private SsdTier(
      SsdSettings settings, IoShape shape, String name, SlotFiles files,
      UnaryOperator<IoPort> ports, UnaryOperator<Disk> disks) {
    this.settings = settings;
    this.files = files;
    this.registers = shape.registers();
    this.spec = settings.spec();
    this.layout = settings.layout();
    this.outages = new Outages(settings.devices());
    this.teller = new Teller(gate, outages);
    this.tallies = settings.devices().stream().map(_ -> new Tally()).toList();
    this.keeper = settings.durability().keeps()
        ? new Keeper(settings, name, files, teller, tallies, disks)
        : null;
    Optional<String> ringMissing = Engine.ringMissing();
    this.loops = Loop.open(
        settings, shape, files,
        (paths, depth, suffix) -> ports.apply(
            settings.engine()
                .open(paths, settings.withQueueDepth(depth), name + suffix, ringMissing)),
        tallies, new Finish(teller, keeper));
  }

  /** Opens the tier called {@code name}. */
  static SsdTier open(SsdSettings settings, String name) {
    return open(settings, IoShape.of(settings), name, UnaryOperator.identity());
  }

  /** Opens a tier with operations cut to {@code shape}, and {@code seam} before each port. */
  static SsdTier open(
      SsdSettings settings, IoShape shape, String name, UnaryOperator<IoPort> seam) {
    return open(settings, shape, name, seam, UnaryOperator.identity());
  }

  /** Opens a tier with a seam before its disk, too. */
  static SsdTier open(
      SsdSettings settings, IoShape shape, String name, UnaryOperator<IoPort> seam,
      UnaryOperator<Disk> disks) {
    SlotFiles files = SlotFiles.create(settings);
    try {
      return new SsdTier(settings, shape, name, files, seam, disks);
    } catch (RuntimeException e) {
      files.closeAfter(e);
      throw e;
    }
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    accept(batch, false, completion);
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    accept(batch, true, completion);
  }

  /** Only what the kernel moves without the page cache needs its pages pinned. */
  @Override
  public void meet(MemorySegment hub) {
    if (settings.direct() && registers) {
      long piece = RegisteredMemory.pieceBytes(spec.blockBytes());
      loops.forEach(loop -> loop.hostMemory(hub, piece));
    }
  }

  @Override
  public <A> Optional<A> ability(Class<A> ability) {
    return ability.isInstance(keeper)
        ? Optional.of(ability.cast(keeper))
        : StorageTier.super.ability(ability);
  }

  @Override
  public int zones() {
    return layout.directories();
  }

  @Override
  public int zone(int slot) {
    return layout.directory(Objects.checkIndex(slot, layout.slots()));
  }

  @Override
  public Map<Figure, Long> figures() {
    Map<Figure, Long> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.BYTES_READ, sum(tally -> tally.read));
    figures.put(Figure.BYTES_WRITTEN, sum(tally -> tally.written));
    figures.put(Figure.RECORDS_WRITTEN, sum(tally -> tally.records));
    figures.put(Figure.SYNCS, sum(tally -> tally.syncs));
    figures.put(Figure.WRITES_DELAYED, sum(tally -> tally.delays));
    if (keeper != null) {
      figures.put(Figure.BYTES_WRITTEN_EVER, keeper.writtenEver());
    }
    return figures;
  }

  private long sum(Function<Tally, LongAdder> figure) {
    return tallies.stream().map(figure).mapToLong(LongAdder::sum).sum();
  }

  @Override
  public String trouble() {
    return outages.text();
  }

  @Override
  public void close() {
    if (teller.asksItself()) {
      throw new IllegalStateException("A completion cannot close the tier: it would await itself");
    }
    closeOnce();
  }

  private synchronized void closeOnce() {
    if (closed) {
      return;
    }
    closed = true;
    gate.shut();
    Engine.LOG.log(Level.DEBUG, "Closing {0}", this);
    try (files;
        keeper) {
      loops.forEach(Loop::close);
    }
  }

  @Override
  public String toString() {
    return "ssd: %d blocks of %s in %s through %s%s".formatted(
        spec.slots(), new ByteSize(spec.blockBytes()), settings.directories(), loops.getFirst(),
        settings.direct() ? ", past the page cache" : "");
  }

  private void accept(BlockBatch batch, boolean store, Completion completion) {
    batch.checkFits(spec);
    checkReachable(batch.memory(), store);
    if (store && keeper != null) {
      keeper.check(batch);
    }
    List<Transfer> transfers = Joint.split(batch, store, completion, layout);
    gate.enter(transfers.size());
    transfers.forEach(this::start);
  }

  private void start(Transfer transfer) {
    Loop loop = loops.get(Math.min(loops.size() - 1, transfer.device()));
    PagodaException refusal = outages.refusal(transfer);
    if (refusal == null) {
      boolean held = transfer.store()
          && keeper != null
          && keeper.holdsUp(transfer, () -> loop.accept(transfer));
      if (!held) {
        loop.accept(transfer);
      }
    } else {
      transfer.missedAll(refusal);
      loop.refuse(transfer);
    }
  }

  private static void checkReachable(MemorySegment memory, boolean store) {
    if (!memory.isNative()) {
      throw new IllegalArgumentException("The kernel cannot reach memory on the Java heap");
    }
    if (!store && memory.isReadOnly()) {
      throw new IllegalArgumentException("Blocks cannot be loaded into read-only memory");
    }
  }

  /** What becomes of transfers that have ended: stores may have records to be written. */
  private record Finish(Teller teller, @Nullable Keeper keeper) implements Ends {
    @Override
    public boolean gathers() {
      return keeper != null && keeper.gathers();
    }

    @Override
    public void ended(Transfer transfer) {
      if (transfer.store() && keeper != null && keeper.records()) {
        keeper.take(List.of(transfer));
      } else {
        teller.tell(transfer);
      }
    }

    @Override
    public void stored(List<Transfer> stores) {
      if (keeper != null) {
        keeper.take(stores);
      }
    }
  }
}
