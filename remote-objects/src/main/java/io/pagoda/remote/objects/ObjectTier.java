package io.pagoda.remote.objects;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.remote.objects.ObjectSettings.OnUnreachable;
import io.pagoda.spi.Host;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.Metered;
import io.pagoda.spi.tier.Recoverable.SealShape;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Blocks as objects of a {@link Bucket}, which other machines share.
 *
 * <p><b>Threads.</b> Requests begin in virtual threads of the host's; completions and callbacks
 * are called by those, by threads of the bucket's client, or by the tier's timer.
 *
 * <p><b>Memory.</b> Blocks go between the memory of a batch and the bucket's client as they are;
 * headers have memory of the tier's own.
 *
 * <p><b>Failures.</b> What a server or a network may get over is transient, and tried again while
 * there is time. A server that does not answer is left alone for a while, in which all fails at
 * once.
 */
public final class ObjectTier implements StorageTier, Keyed, Metered {
  private final ObjectSettings settings;
  private final TierSpec spec;
  private final String name;
  private final Bucket bucket;
  private final Requests requests;
  private final Conditions conditions;
  private final Gate gate = new Gate();
  private final Tally tally = new Tally();
  private volatile @Nullable Context context;
  private volatile @Nullable Finder finder;
  private volatile @Nullable Cleaner cleaner;
  private volatile boolean closed;

  private ObjectTier(ObjectSettings settings, Host host, Bucket bucket) {
    this.settings = settings;
    this.spec = settings.spec();
    this.name = host.name();
    this.bucket = bucket;
    this.requests =
        new Requests(name, settings.patience(), settings.concurrency(), tally, host.blocking());
    this.conditions = new Conditions(settings.conditionalPut(), name);
  }

  /**
   * Opens a tier; nothing is asked of the bucket before {@link #join}.
   *
   * @param bucket the tier's from now on, which closes it
   */
  public static ObjectTier open(ObjectSettings settings, Host host, Bucket bucket) {
    return new ObjectTier(settings, host, bucket);
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public void join(SealShape shape, Consent consent) {
    Context joined = Context.of(
        bucket, requests, settings,
        ObjectShape.of(spec.blockBytes(), shape, settings.secret().map(Secret::number).orElse(0L)));
    finder = new Finder(joined);
    context = joined;
    try {
      requests.run(new Ask<>("A first request to " + bucket, true, bucket::check)).join();
    } catch (CompletionException e) {
      unusable(Loading.failure(e));
    }
    if (settings.lookUp().listAtStart()) {
      requests.execute(() -> learn(joined));
    }
    if (settings.cleaner()) {
      var cleaning = new Cleaner(joined, consent, spec.slots() * spec.blockBytes());
      cleaner = cleaning;
      cleaning.start();
    }
  }

  private void unusable(ObjectFailure failure) {
    boolean tolerated =
        failure.fault() == Fault.TRANSIENT && settings.onUnreachable() == OnUnreachable.TOLERATE;
    if (!tolerated) {
      throw new PagodaException(
          failure.fault(), "Tier %s cannot use %s: %s. %s"
              .formatted(name, bucket, failure.getMessage(), advice(failure)),
          failure);
    }
    requests.breaker.open(System.nanoTime(), String.valueOf(failure.getMessage()));
    Requests.LOG.log(
        Level.WARNING, "{0}: {1} does not answer, and nothing is found there until it does: {2}",
        name, bucket, failure.getMessage());
  }

  private void learn(Context joined) {
    try {
      new Listing(joined).pages(page -> {
        long now = System.nanoTime();
        page.forEach(
            one -> joined.names()
                .key(one.name())
                .ifPresent(key -> joined.presence().present(key[0], key[1], now)));
        return !closed;
      });
    } catch (CompletionException e) {
      Requests.LOG.log(
          Level.WARNING, "{0}: what is in {1} was not listed to its end, and is looked up: {2}",
          name, bucket, e.getMessage());
    }
  }

  private static String advice(ObjectFailure failure) {
    return switch (failure.kind()) {
      case DENIED -> "Check the credentials, the region, this machine's clock, and that they may "
          + "list, read, write and delete in the bucket";
      case NO_BUCKET, MISSING -> "Create the bucket, or correct its name; with a server that is "
          + "not AWS's, path-style = true may be needed";
      case TRANSIENT, THROTTLED -> "Check the endpoint and the network; "
          + "with on-unreachable = tolerate the tier opens all the same";
      default -> "Check the endpoint: it has to speak S3";
    };
  }

  @Override
  public void find(long[] keys, int depth, IntConsumer found) {
    Finder by = finder;
    if (by == null || keys.length == 0 || !gate.tryEnter()) {
      found.accept(0);
      return;
    }
    by.find(keys, depth, blocks -> {
      try {
        found.accept(blocks);
      } finally {
        gate.leave();
      }
    });
  }

  @Override
  public int group() {
    return settings.blocksPerObject();
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    load(batch, (_, _, _) -> {}, completion);
  }

  @Override
  public void load(BlockBatch batch, Sealing sealing, Completion completion) {
    checkMemory(batch, true);
    gate.enter();
    Loading.start(joined(), batch, sealing, leaving(completion));
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    checkMemory(batch, false);
    var seals = batch.seals()
        .orElseThrow(
            () -> new IllegalArgumentException("Blocks are stored with their seals: " + batch));
    if (seals.perBlock() != joined().shape().checksums()) {
      throw new IllegalArgumentException(
          "Blocks have %d checksums, and the tier was joined for %d"
              .formatted(seals.perBlock(), joined().shape().checksums()));
    }
    gate.enter();
    Storing.start(joined(), conditions, batch, seals, leaving(completion));
  }

  private Completion leaving(Completion completion) {
    return result -> {
      try {
        completion.complete(result);
      } finally {
        gate.leave();
      }
    };
  }

  private void checkMemory(BlockBatch batch, boolean load) {
    batch.checkFits(spec);
    if (batch.rangeBytes() != spec.blockBytes()) {
      throw new IllegalArgumentException("Objects hold whole blocks, and this batch moves parts");
    }
    if (!batch.memory().isNative()) {
      throw new IllegalArgumentException(
          "Blocks do not pass the Java heap: the memory is an array");
    }
    if (load && batch.memory().isReadOnly()) {
      throw new IllegalArgumentException("Blocks cannot be loaded into read-only memory");
    }
  }

  private Context joined() {
    Context joined = context;
    if (joined == null) {
      throw new IllegalStateException("The tier was not joined");
    }
    return joined;
  }

  @Override
  public void reject(long keyHigh, long keyLow) {
    joined().reject(keyHigh, keyLow);
  }

  @Override
  public CompletionStage<Void> forgetAll() {
    joined().presence().forgetAll();
    joined().whereabouts().forgetAll();
    return CompletableFuture.failedStage(
        new PagodaException(
            Fault.PERMANENT,
            "What is in %s is shared with other stores, and stays".formatted(bucket)));
  }

  @Override
  public Map<Figure, Long> figures() {
    Map<Figure, Long> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.BYTES_READ, tally.read.sum());
    figures.put(Figure.BYTES_WRITTEN, tally.written.sum());
    figures.put(Figure.REQUESTS, tally.requests.sum());
    figures.put(Figure.RETRIES, tally.retries.sum());
    figures.put(Figure.FAILURES, tally.failures.sum());
    figures.put(Figure.HEDGES, tally.hedges.sum());
    figures.put(Figure.REQUESTS_AT_ONCE, (long) requests.limiter.limit());
    figures.put(Figure.LOOKED_UP, tally.looked.sum());
    figures.put(Figure.LOOKED_UP_CACHED, tally.cached.sum());
    figures.put(Figure.OBJECTS_STORED, tally.objectsStored.sum());
    figures.put(Figure.BLOCKS_STORED, tally.blocksStored.sum());
    figures.put(Figure.OBJECTS_LOADED, tally.objectsLoaded.sum());
    figures.put(Figure.BLOCKS_LOADED, tally.blocksLoaded.sum());
    figures.put(Figure.STORES_SPARED, tally.spared.sum());
    figures.put(Figure.PACKED_FROM, tally.packedFrom.sum());
    figures.put(Figure.PACKED_TO, tally.packedTo.sum());
    figures.put(Figure.PACKING_NANOSECONDS, tally.packing.sum());
    figures.put(Figure.CLEANED, tally.cleaned.sum());
    return figures;
  }

  @Override
  public String trouble() {
    return requests.breaker.trouble();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    Cleaner cleaning = cleaner;
    if (cleaning != null) {
      cleaning.stop();
    }
    gate.shut();
    requests.close();
    bucket.close();
    Context joined = context;
    if (joined != null) {
      joined.close();
    }
  }

  @Override
  public String toString() {
    return "%s: up to %d requests at once to %s"
        .formatted(name, settings.concurrency(), Objects.toString(bucket));
  }
}
