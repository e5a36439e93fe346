package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Recoverable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blocks beyond the process. Until {@link #recover} was called it keeps nothing: a tier whose
 * engine does not know of it works as one that forgets.
 */
final class Keeper implements Recoverable, AutoCloseable {
  /** How long forgotten slots are waited for, to be punched together. */
  private static final int PUNCH_MILLIS = 500;

  private final SsdSettings settings;
  private final Layout layout;
  private final String name;
  private final SlotFiles files;
  private final Teller teller;
  private final UnaryOperator<Disk> seam;
  private @Nullable Disk disk;
  private final List<RecordLog> logs = new CopyOnWriteArrayList<>();

  /** One for each device, so that none waits for the syncs of another; empty until recovered. */
  private volatile List<Recorder> recorders = List.of();

  /** One for each device, or none. */
  private volatile List<Puncher> punchers = List.of();

  private final List<Tally> tallies;

  /** What may wait for a device. A virtual thread that is in the kernel has its carrier with it. */
  private final ExecutorService waiting;

  private @Nullable ScheduledThreadPoolExecutor sweeper;

  private volatile @Nullable SealShape shape;
  private volatile boolean closed;

  Keeper(
      SsdSettings settings, String name, SlotFiles files, Teller teller, List<Tally> tallies,
      UnaryOperator<Disk> seam) {
    this.tallies = tallies;
    this.settings = settings;
    this.layout = settings.layout();
    this.name = name;
    this.files = files;
    this.teller = teller;
    this.seam = seam;
    this.waiting = Executors.newCachedThreadPool(ChannelPort.threads(name + "-waiting"));
  }

  @Override
  public synchronized void recover(SealShape sealedBy, Recovery recovery) {
    if (shape != null || closed) {
      throw new IllegalStateException("A tier is recovered once, before it is used and closed");
    }
    long start = System.nanoTime();
    try {
      List<Superblock> superblocks = superblocks(sealedBy);
      files.keep();
      RecordScan scan = scan(superblocks, recovery);
      begin(superblocks, scan);
      shape = sealedBy;
      boolean anything = scan.blocks() > 0 || !scan.damaged().isEmpty();
      Engine.LOG.log(
          anything ? Level.INFO : Level.DEBUG,
          "The tier {0} holds {1} blocks of a former run; {2} damaged records were left out. "
              + "That took {3} ms",
          name, scan.blocks(), scan.damaged().cardinality(),
          (System.nanoTime() - start) / 1_000_000);
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT, "Cannot read or form what tier %s keeps in %s: %s"
              .formatted(name, settings.directories(), e),
          e);
    }
  }

  @Override
  public void forget(int slot) {
    Objects.checkIndex(slot, layout.slots());
    int device = layout.directory(slot);
    ready().get(device).forget(slot);
    if (!punchers.isEmpty()) {
      punchers.get(device).forget(slot);
    }
  }

  @Override
  public CompletionStage<Void> forgetAll() {
    CompletableFuture<Void> raised = CompletableFuture
        .allOf(ready().stream().map(Recorder::raise).toArray(CompletableFuture[]::new));
    List<Puncher> all = punchers;
    return all.isEmpty() ? raised : raised.thenRun(() -> punchAll(all));
  }

  /**
   * Checks a store before any of it is moved.
   *
   * @throws IllegalStateException if that would destroy blocks that were not recovered yet
   * @throws IllegalArgumentException if its seals are not those that were announced
   */
  void check(BlockBatch batch) {
    SealShape announced = shape;
    if (announced == null && !files.superblocks().isEmpty()) {
      throw new IllegalStateException("The tier holds blocks: recover them before storing others");
    }
    if (batch.seals().isEmpty()) {
      return;
    }
    int perBlock = batch.seals().get().perBlock();
    if (announced == null) {
      throw new IllegalStateException("Sealed blocks are stored after the tier was recovered");
    }
    if (perBlock != announced.checksums() || batch.rangeBytes() != settings.blockBytes()) {
      throw new IllegalArgumentException(
          "Whole blocks with %d checksums are sealed, not %d bytes with %d"
              .formatted(announced.checksums(), batch.rangeBytes(), perBlock));
    }
    batch.keyHigh(0);
  }

  private void punchAll(List<Puncher> all) {
    for (int device = 0; device < all.size(); device++) {
      all.get(device).forget(0, layout.slotsIn(device));
    }
  }

  /** {@return whether a store has to wait before it begins, and will then be started} */
  boolean holdsUp(Transfer store, Runnable start) {
    List<Puncher> all = punchers;
    return !all.isEmpty() && all.get(store.device()).holdsUp(store, start);
  }

  /** {@return how many bytes were ever written to the directories, as far as is known} */
  long writtenEver() {
    return logs.stream().mapToLong(RecordLog::writtenEver).sum();
  }

  /** {@return whether stores that have ended have their records written} */
  boolean records() {
    return !recorders.isEmpty();
  }

  /** {@return whether it rather takes over several stores at once} */
  boolean gathers() {
    return recorders.stream().anyMatch(Recorder::gathers);
  }

  /** Takes over stores that have ended, in that order, while it {@link #records}. */
  void take(List<Transfer> stores) {
    List<Recorder> writing = recorders;
    if (writing.size() == 1) {
      writing.getFirst().add(stores);
      return;
    }
    stores.stream()
        .collect(Collectors.groupingBy(Transfer::device))
        .forEach((device, own) -> writing.get(device).add(own));
  }

  @Override
  public synchronized void close() {
    closed = true;
    punchers.forEach(Puncher::close);
    if (sweeper != null) {
      sweeper.close();
    }
    recorders.forEach(Recorder::close);
    waiting.shutdown();
    logs.forEach(RecordLog::retire);
    if (disk != null) {
      disk.close();
    }
  }

  private List<Recorder> ready() {
    List<Recorder> writing = recorders;
    if (writing.isEmpty() || closed) {
      throw new IllegalStateException(
          closed ? "The tier is closed" : "The tier has not been recovered");
    }
    return writing;
  }

  /** Returns the superblocks of what is there, once it suits, or forms an empty tier. */
  private List<Superblock> superblocks(SealShape sealedBy) throws IOException {
    List<Superblock> found = files.superblocks();
    if (found.isEmpty()) {
      return form(UUID.randomUUID(), sealedBy, 1);
    }
    Superblock first = found.getFirst();
    if (first.shape().equals(sealedBy)) {
      return grown(found);
    }
    RecordScan scan = scan(found, (_, _, _, _, _) -> {});
    if (scan.blocks() > 0) {
      Mismatch.settle(
          settings.onMismatch(), "the %d blocks in %s are sealed as %s, and the store seals as %s"
              .formatted(scan.blocks(), settings.directories(), first.shape(), sealedBy));
    }
    return form(first.tier(), sealedBy, Math.addExact(scan.latestEpoch(), 1));
  }

  /** Makes the directories those of an empty tier; they are none until all of them are. */
  private List<Superblock> form(UUID tier, SealShape sealedBy, int epoch) throws IOException {
    List<Superblock> superblocks = new ArrayList<>();
    for (int i = 0; i < files.directories().size(); i++) {
      superblocks.add(new Superblock(false, tier, i, layout, sealedBy, epoch, 0));
      replace(superblocks.getLast());
      files.directories().get(i).syncName();
    }
    createRecords(superblocks.getFirst(), true);
    for (Superblock superblock : superblocks) {
      replace(superblock.ready(true));
    }
    return superblocks.stream().map(one -> one.ready(true)).toList();
  }

  private List<Superblock> grown(List<Superblock> found) throws IOException {
    createRecords(found.getFirst(), false);
    List<Superblock> grown = found.stream().map(one -> one.grown(layout)).toList();
    for (int i = 0; i < grown.size(); i++) {
      if (!grown.get(i).equals(found.get(i))) {
        replace(grown.get(i));
      }
    }
    return grown;
  }

  private void replace(Superblock superblock) throws IOException {
    superblock.replaceIn(files.directories().get(superblock.directory()).path());
  }

  private void createRecords(Superblock superblock, boolean empty) throws IOException {
    for (int i = 0; i < files.directories().size(); i++) {
      long bytes = format(superblock).fileBytes(layout.slotsIn(i));
      files.directories().get(i).createRecords(bytes, empty);
    }
  }

  private RecordFormat format(Superblock superblock) {
    return new RecordFormat(
        superblock.tier(), settings.blockBytes(), superblock.shape().checksums());
  }

  private RecordScan scan(List<Superblock> superblocks, Recovery recovery) throws IOException {
    int epoch = superblocks.stream().mapToInt(Superblock::epoch).max().orElseThrow();
    RecordScan scan =
        new RecordScan(layout, format(superblocks.getFirst()), epoch, files, recovery);
    for (int i = 0; i < superblocks.size(); i++) {
      scan.read(i, records(i));
    }
    return scan;
  }

  private Path records(int directory) {
    return files.directories().get(directory).path().resolve(SlotDirectory.RECORDS);
  }

  private void begin(List<Superblock> superblocks, RecordScan scan) {
    boolean synced = settings.durability() == Durability.POWER;
    Disk opened = seam.apply(
        FileDisk.open(
            settings.directories(), synced ? files.paths() : List.of(),
            settings.punchHole() ? files.paths() : List.of()));
    disk = opened;
    List<Recorder> writing = new ArrayList<>();
    var generation = new AtomicLong(scan.generation());
    var threads = ChannelPort.threads(name + "-records");
    for (int i = 0; i < superblocks.size(); i++) {
      Superblock current = superblocks.get(i).inEpoch(scan.latestEpoch());
      logs.add(
          new RecordLog(
              opened, current, format(current), synced, scan.recorded(i), generation,
              tallies.get(i), retries(i)));
      writing.add(
          opened.copies()
              ? new Jotter(logs.getLast(), layout, teller, waiting)
              : new Scribe(logs.getLast(), layout, teller, threads));
    }
    // A file that was cut has its length again: next time nothing would show that its bytes went.
    scan.damaged().stream().forEach(slot -> writing.get(layout.directory(slot)).forget(slot));
    recorders = List.copyOf(writing);
    if (settings.punchHole()) {
      punchers = punchers(opened, writing, scan);
    }
  }

  private Retries retries(int device) {
    return new Retries(
        (what, pause) -> CompletableFuture
            .delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, waiting)
            .execute(what),
        slot -> retry(device, slot));
  }

  private synchronized void retry(int device, int slot) {
    if (!closed) {
      recorders.get(device).forget(slot);
    }
  }

  /** Creates who punches; what a former run did not come to give back is due. */
  private List<Puncher> punchers(Disk into, List<Recorder> writing, RecordScan scan) {
    var one = new ScheduledThreadPoolExecutor(1, ChannelPort.threads(name + "-holes"));
    one.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    one.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    sweeper = one;
    Executor later = CompletableFuture.delayedExecutor(PUNCH_MILLIS, TimeUnit.MILLISECONDS, one);
    List<Puncher> all = new ArrayList<>();
    for (int i = 0; i < writing.size(); i++) {
      all.add(new Puncher(i, layout, into, later, writing.get(i)::fence));
      BitSet recorded = scan.recorded(i);
      for (int from = recorded.nextClearBit(0); from < layout.slotsIn(i);) {
        int next = recorded.nextSetBit(from);
        int to = next < 0 ? layout.slotsIn(i) : next;
        all.get(i).forget(from, to);
        from = recorded.nextClearBit(to);
      }
    }
    return List.copyOf(all);
  }
}
