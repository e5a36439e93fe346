package io.pagoda.tier.gpu;

import io.pagoda.PagodaException;
import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.DeviceRegion;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.DeviceAddressable;
import io.pagoda.spi.tier.HubNeighbour;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Slots in the memory of a GPU that belongs to the store, one after the other.
 *
 * <p><b>Threads.</b> As {@link StorageTier} says; completions come from two threads of the device,
 * one for loads and one for stores. Memory that is not pinned is copied by the calling thread.
 *
 * <p><b>Failures.</b> After a failure that the device does not recover from every batch fails.
 */
final class GpuTier implements StorageTier, HubNeighbour, DeviceAddressable {
  private static final int WHOLE = 0;

  private final TierSpec spec;
  private final CudaDevice device;
  private final DeviceMemory memory;
  private final Stripe slots;
  private final DeviceRegion region;

  private GpuTier(GpuSettings settings, CudaDevice device) {
    this.spec = settings.spec();
    this.device = device;
    this.memory = device.allocate(settings.bytes());
    this.slots =
        new Stripe(memory.segment().address(), settings.stride(), 0, settings.blockBytes());
    this.region = device.map(List.of(List.of(slots)), settings.slots());
  }

  static GpuTier open(GpuSettings settings, String name) {
    CudaDevice device = CudaDevice.open(settings.device(), name);
    try {
      return new GpuTier(settings, device);
    } catch (RuntimeException e) {
      device.close();
      throw e;
    }
  }

  /** {@return whose memory it is} */
  CudaDevice device() {
    return device;
  }

  @Override
  public TierSpec spec() {
    return spec;
  }

  @Override
  public DeviceMemory memory() {
    return memory;
  }

  @Override
  public long offset(int slot) {
    return Objects.checkIndex(slot, spec.slots()) * slots.stride();
  }

  @Override
  public void meet(MemorySegment hub) {
    device.pin(hub);
  }

  @Override
  public void load(BlockBatch batch, Completion completion) {
    copy(batch, false, completion);
  }

  @Override
  public void store(BlockBatch batch, Completion completion) {
    copy(batch, true, completion);
  }

  private void copy(BlockBatch batch, boolean toDevice, Completion completion) {
    batch.checkFits(spec);
    try {
      if (batch.rangeBytes() == spec.blockBytes()) {
        region.copy(batch, WHOLE, toDevice, completion);
      } else {
        device.copy(batch, range(batch), toDevice, completion);
      }
    } catch (PagodaException e) {
      completion.complete(new BatchResult.Failed(e));
    }
  }

  /** {@return where the range of a batch is in the slots; its host memory holds that alone} */
  private View range(BlockBatch batch) {
    return View.of(
        List.of(
            new Stripe(
                slots.address() + batch.rangeOffset(), slots.stride(), 0, batch.rangeBytes())));
  }

  @Override
  public void close() {
    device.close();
  }
}
