package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Recoverable;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps blocks beyond the process. Until {@link #recover} was called it keeps nothing: a tier whose
 * engine does not know of it works as one that forgets.
 */
final class Keeper implements Recoverable, AutoCloseable {
  private final SsdSettings settings;
  private final String name;
  private final SlotFiles files;
  private final Teller teller;
  private final UnaryOperator<Disk> seam;
  private @Nullable Disk disk;
  private @Nullable RecordLog log;
  private volatile @Nullable Scribe scribe;
  private volatile @Nullable SealShape shape;
  private volatile boolean closed;

  Keeper(
      SsdSettings settings, String name, SlotFiles files, Teller teller, UnaryOperator<Disk> seam) {
    this.settings = settings;
    this.name = name;
    this.files = files;
    this.teller = teller;
    this.seam = seam;
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
    Objects.checkIndex(slot, settings.slots());
    ready().forget(slot);
  }

  @Override
  public CompletionStage<Void> forgetAll() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    ready().raise(done);
    return done;
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

  /** Takes over a store that has ended, or returns false if that is all there is to do. */
  boolean takes(Transfer store) {
    Scribe writing = scribe;
    if (writing == null) {
      return false;
    }
    writing.add(store);
    return true;
  }

  @Override
  public synchronized void close() {
    closed = true;
    Scribe writing = scribe;
    if (writing != null) {
      writing.close();
    }
    RecordLog written = log;
    if (written != null) {
      Engine.LOG.log(
          Level.DEBUG, "The tier {0} wrote {1} bytes of records", name, written.bytesWritten());
    }
    if (disk != null) {
      disk.close();
    }
  }

  private Scribe ready() {
    Scribe writing = scribe;
    if (writing == null || closed) {
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
      superblocks.add(new Superblock(false, tier, i, settings.layout(), sealedBy, epoch));
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
    List<Superblock> grown = found.stream().map(one -> one.grown(settings.layout())).toList();
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
      long bytes = format(superblock).fileBytes(settings.layout().slotsIn(i));
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
        new RecordScan(settings.layout(), format(superblocks.getFirst()), epoch, files, recovery);
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
    Disk opened =
        seam.apply(FileDisk.open(settings.directories(), synced ? files.paths() : List.of()));
    List<Superblock> current =
        superblocks.stream().map(one -> one.inEpoch(scan.latestEpoch())).toList();
    RecordLog begun = new RecordLog(
        opened, current, format(current.getFirst()), synced, scan.recorded(), scan.generation());
    disk = opened;
    log = begun;
    Scribe writing =
        new Scribe(begun, settings.layout(), teller, ChannelPort.threads(name + "-records"));
    // A file that was cut has its length again: next time nothing would show that its bytes went.
    scan.damaged().stream().forEach(writing::forget);
    scribe = writing;
  }
}
