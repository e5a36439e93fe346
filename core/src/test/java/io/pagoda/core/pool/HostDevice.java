package io.pagoda.core.pool;

import io.pagoda.DeviceEvent;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.DeviceSignal;
import io.pagoda.spi.device.Flow;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** A device whose memory is the host's, and which copies as it is told, on a thread of its own. */
public final class HostDevice implements Device {
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final String uuid;
  private final Arena arena = Arena.ofShared();
  private final List<MemorySegment> allocated = new CopyOnWriteArrayList<>();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final ExecutorService stream = Executors.newSingleThreadExecutor();

  /** How many regions are mapped and not closed. */
  public final AtomicInteger regions = new AtomicInteger();

  /** How many copies succeed before all fail. */
  public final AtomicInteger copiesLeft = new AtomicInteger(Integer.MAX_VALUE);

  /** How many copies are taken before all are refused. */
  public final AtomicInteger takenLeft = new AtomicInteger(Integer.MAX_VALUE);

  /** What its stream did, and was made to do, in order. */
  public final List<String> log = new CopyOnWriteArrayList<>();

  /** Events that the engine has not reached yet: the stream waits for them. */
  public final Map<DeviceEvent, CompletableFuture<Void>> ahead = new ConcurrentHashMap<>();

  /** How many signals are open. */
  public final AtomicInteger signals = new AtomicInteger();

  /** Creates the device. */
  public HostDevice(String uuid) {
    this.uuid = uuid;
  }

  @Override
  public String uuid() {
    return uuid;
  }

  @Override
  public CompletionStage<Long> pin(MemorySegment hub) {
    return CompletableFuture.completedStage(hub.byteSize());
  }

  @Override
  public DeviceMemory allocate(long bytes) {
    MemorySegment memory = arena.allocate(bytes);
    allocated.add(memory);
    return new DeviceMemory() {
      @Override
      public MemorySegment segment() {
        return memory;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public DeviceMemory open(byte[] handle, long offset, long bytes) {
    throw new UnsupportedOperationException("No other process has memory of this device");
  }

  @Override
  public DeviceRegion map(List<List<Stripe>> views, int blocks) {
    regions.incrementAndGet();
    return new DeviceRegion() {
      @Override
      public void copy(BlockBatch batch, int view, boolean toDevice, Completion completion) {
        if (takenLeft.getAndDecrement() <= 0) {
          throw new PagodaException(Fault.PERMANENT, "the stream takes no more");
        }
        stream.execute(() -> {
          BatchResult result = copied(views.get(view), batch, toDevice);
          log.add("copy of " + batch.size());
          completion.complete(result);
        });
      }

      @Override
      public void close() {
        regions.decrementAndGet();
      }
    };
  }

  @Override
  public DeviceSignal signal(DeviceEvent event) {
    signals.incrementAndGet();
    return new DeviceSignal() {
      @Override
      public void holdUp(boolean toDevice) {
        CompletableFuture<Void> reached = ahead.getOrDefault(event, DONE);
        stream.execute(() -> {
          log.add("wait for " + name(event));
          reached.join();
        });
      }

      @Override
      public void record(boolean toDevice) {
        stream.execute(() -> log.add("record " + name(event)));
      }

      @Override
      public void close() {
        signals.decrementAndGet();
      }
    };
  }

  /** Calls back when what it was given is done. */
  public void whenIdle(Runnable idle) {
    stream.execute(idle);
  }

  private static String name(DeviceEvent event) {
    return switch (event) {
      case DeviceEvent.Local local -> Long.toString(local.handle());
      case DeviceEvent.Exported exported -> "exported " + exported.handle()[0];
    };
  }

  /** {@return what is at an address; fails if that is not all this device's} */
  private MemorySegment at(long address, long bytes) {
    return allocated.stream()
        .filter(memory -> memory.address() <= address)
        .filter(memory -> address < memory.address() + memory.byteSize())
        .findFirst()
        .map(memory -> memory.asSlice(address - memory.address(), bytes))
        .orElseThrow();
  }

  @Override
  public List<Flow> flows() {
    return List.of(flow(true), flow(false));
  }

  private Flow flow(boolean in) {
    LongAdder bytes = in ? bytesIn : bytesOut;
    return new Flow("memcpy", in, bytes.sum() == 0 ? 0 : 1, bytes.sum(), 1_000);
  }

  private BatchResult copied(List<Stripe> stripes, BlockBatch batch, boolean toDevice) {
    if (copiesLeft.getAndDecrement() <= 0) {
      return new BatchResult.Failed(new PagodaException(Fault.FATAL, "the device is gone"));
    }
    for (int i = 0; i < batch.size(); i++) {
      for (Stripe stripe : stripes) {
        MemorySegment there =
            at(stripe.address() + stripe.stride() * batch.slot(i), stripe.bytes());
        MemorySegment here =
            batch.memory().asSlice(batch.offset(i) + stripe.offset(), stripe.bytes());
        MemorySegment.copy(toDevice ? here : there, 0, toDevice ? there : here, 0, stripe.bytes());
        (toDevice ? bytesIn : bytesOut).add(stripe.bytes());
      }
    }
    return BatchResult.COMPLETE;
  }

  @Override
  public void close() {
    stream.close();
    arena.close();
  }

  @Override
  public String toString() {
    return uuid;
  }
}
