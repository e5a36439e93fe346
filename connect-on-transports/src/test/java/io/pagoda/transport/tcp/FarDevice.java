package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A device whose addresses no processor has: whoever takes its memory for the host's crashes. It
 * copies on a thread of its own, and fails or stands still when a test says so.
 */
final class FarDevice implements Device {
  private static final long FIRST = 1L << 55;
  private static final int GAP = 1 << 16;

  private final String uuid;
  private final TreeMap<Long, byte[]> memory = new TreeMap<>();
  private final List<MemorySegment> pinned = new ArrayList<>();
  private final ExecutorService stream = Executors.newSingleThreadExecutor();
  private final AtomicReference<@Nullable Hold> hold = new AtomicReference<>();
  private long next = FIRST;

  /** How many regions are mapped and not closed. */
  final AtomicInteger regions = new AtomicInteger();

  /** Bytes that came in, and that went out. */
  final AtomicLong in = new AtomicLong();

  final AtomicLong out = new AtomicLong();

  /** Whether copies fail from now on. */
  volatile boolean broken;

  FarDevice(String uuid) {
    this.uuid = uuid;
  }

  /** Where the next copy stands still. */
  static final class Hold {
    private final CompletableFuture<Void> reached = new CompletableFuture<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    void awaitReached() throws Exception {
      reached.get(30, TimeUnit.SECONDS);
    }

    void release() {
      released.complete(null);
    }
  }

  /** Has the next copy stand still, and those behind it. */
  Hold hold() {
    Hold made = new Hold();
    hold.set(made);
    return made;
  }

  /** {@return the address of new memory, which is so long and begins so far behind a gibibyte} */
  synchronized long place(int bytes, long behind) {
    long gibibyte = 1L << 30;
    next = Math.ceilDiv(next, gibibyte) * gibibyte + gibibyte + behind;
    return place(bytes);
  }

  /** {@return the address of new memory; there is none before and behind it} */
  synchronized long place(int bytes) {
    long address = next + GAP + 1;
    memory.put(address, new byte[bytes]);
    next = address + bytes;
    return address;
  }

  /** {@return what is there} */
  synchronized byte[] bytes(long address) {
    return memory.get(address);
  }

  @Override
  public String uuid() {
    return uuid;
  }

  @Override
  public synchronized CompletionStage<Long> pin(MemorySegment hub) {
    if (!pinned.contains(hub)) {
      pinned.add(hub);
    }
    return CompletableFuture.completedStage(hub.byteSize());
  }

  /** {@return how many pieces of host memory are pinned} */
  synchronized int pins() {
    return pinned.size();
  }

  @Override
  public DeviceMemory allocate(long bytes) {
    throw new UnsupportedOperationException("tests place memory");
  }

  @Override
  public DeviceMemory open(byte[] handle, long offset, long bytes) {
    throw new UnsupportedOperationException("no other process has memory of this device");
  }

  @Override
  public DeviceRegion map(List<List<Stripe>> views, int blocks) {
    regions.incrementAndGet();
    return new DeviceRegion() {
      @Override
      public void copy(BlockBatch batch, int view, boolean toDevice, Completion completion) {
        stream.execute(() -> completion.complete(copied(views.get(view), batch, toDevice)));
      }

      @Override
      public void close() {
        regions.decrementAndGet();
      }
    };
  }

  private BatchResult copied(List<Stripe> stripes, BlockBatch batch, boolean toDevice) {
    Hold here = hold.getAndSet(null);
    if (here != null) {
      here.reached.complete(null);
      here.released.join();
    }
    if (broken) {
      return failed("the device has fallen off the bus");
    }
    for (int i = 0; i < batch.size(); i++) {
      for (Stripe stripe : stripes) {
        String wrong = copy(
            stripe.address() + stripe.stride() * batch.slot(i),
            batch.memory().asSlice(batch.offset(i) + stripe.offset(), stripe.bytes()), toDevice);
        if (!wrong.isEmpty()) {
          return failed(wrong);
        }
      }
    }
    return BatchResult.COMPLETE;
  }

  private static BatchResult failed(String why) {
    return new BatchResult.Failed(new PagodaException(Fault.PERMANENT, why));
  }

  /** {@return why it cannot be copied; nothing if it was} */
  private synchronized String copy(long address, MemorySegment host, boolean toDevice) {
    Map.Entry<Long, byte[]> there = memory.floorEntry(address);
    int bytes = (int) host.byteSize();
    if (there == null || address - there.getKey() + bytes > there.getValue().length) {
      return "%d bytes at 0x%x are nobody's memory".formatted(bytes, address);
    }
    int at = (int) (address - there.getKey());
    if (toDevice) {
      MemorySegment.copy(host, JAVA_BYTE, 0, there.getValue(), at, bytes);
    } else {
      MemorySegment.copy(there.getValue(), at, host, JAVA_BYTE, 0, bytes);
    }
    (toDevice ? in : out).addAndGet(bytes);
    return "";
  }

  @Override
  public void close() {
    stream.close();
  }

  @Override
  public String toString() {
    return uuid;
  }
}
