package io.pagoda.core.connect;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.Fault;
import io.pagoda.core.pool.Results;
import io.pagoda.spi.tier.BatchResult;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Stages the memory of devices that transports do not move: through a pool for what is exposed, or
 * one for what begins. A byte is copied once by its device, at each side that stages, and nothing
 * is pinned, mapped or registered for an operation alone: a pool is pinned once by each device and
 * registered once with each transport, and memory of devices is mapped in {@linkplain DeviceWindows
 * windows} that stay.
 *
 * <p><b>Threads.</b> Any. What waits for memory or for a device goes on in the executor.
 */
final class Stages implements AutoCloseable {
  private static final String KEY = "pagoda.connector.staging";

  private final StagingMemory memory;
  private final List<String> uuids;
  private final Executor executor;
  private final StagePool exposed;
  private final StagePool begun;
  private final Map<String, DeviceWindows> windows = new ConcurrentHashMap<>();

  /**
   * Creates it.
   *
   * @param memory what it stages with
   * @param uuids of {@code cuda:0}, {@code cuda:1} and so on
   * @param executor where it may block
   */
  Stages(StagingMemory memory, List<String> uuids, Executor executor) {
    this.memory = memory;
    this.uuids = uuids;
    this.executor = executor;
    long half = memory.bytes() / 2 / StagePool.ALIGNMENT * StagePool.ALIGNMENT;
    exposed = new StagePool(memory.arena(), half);
    begun = new StagePool(memory.arena(), half);
    memory.devices().forEach(one -> windows.put(one.uuid(), new DeviceWindows(one)));
  }

  Executor executor() {
    return executor;
  }

  /** {@return how much of its memory is in use, in bytes} */
  long lent() {
    return exposed.lent() + begun.lent();
  }

  /** {@return why memory of a device cannot be staged, and what would help, if it cannot} */
  Optional<String> refusal(Device device) {
    if (device.kind() == Device.Kind.CPU) {
      return Optional.of("host memory is not staged");
    }
    if (begun.bytes() == 0) {
      return Optional.of("it is not staged through host memory, as %s is 0B".formatted(KEY));
    }
    if (device.number() >= uuids.size()) {
      return Optional.of(
          ("it is not staged through host memory, as nobody says which device %s is: put its UUID"
              + " into pagoda.connector.devices").formatted(device));
    }
    String uuid = uuids.get(device.number());
    return windows.containsKey(uuid)
        ? Optional.empty()
        : Optional.of(
            ("it is not staged through host memory, as no device is open that copies memory of %s:"
                + " put { type = cuda, uuid = \"%s\" } into pagoda.devices, with a plugin that"
                + " provides the type").formatted(device, uuid));
  }

  private DeviceWindows windows(Device device) {
    refusal(device).ifPresent(why -> {
      throw new ConnectorException(
          Trouble.NO_TRANSPORT, Fault.PERMANENT,
          "No transport moves memory of %s itself, and %s".formatted(device, why));
    });
    return Objects.requireNonNull(windows.get(uuids.get(device.number())));
  }

  /** {@return what stages memory that peers use} */
  Stage exposing(List<Descriptor> local) {
    return stage(exposed, local, "is exposed");
  }

  /** {@return what stages memory that an operation from here uses} */
  Stage beginning(List<Descriptor> local) {
    return stage(begun, local, "begins");
  }

  private Stage stage(StagePool pool, List<Descriptor> local, String what) {
    local.stream().map(Descriptor::device).distinct().forEach(this::windows);
    Stage stage = new Stage(this, pool, local);
    if (stage.bytes() > pool.bytes()) {
      throw new ConnectorException(
          Trouble.NO_TRANSPORT, Fault.PERMANENT,
          ("No transport moves memory of %s itself, and %d bytes are more than the %d of host"
              + " memory through which what %s is staged: %s must be %d bytes at least, or less"
              + " must move at once").formatted(
                  local.getFirst().device(), stage.bytes(), pool.bytes(), what, KEY,
                  2 * stage.bytes()));
    }
    return stage;
  }

  /**
   * Copies between memory of devices and a pool's.
   *
   * @param offsets where each stretch starts in the pool, in bytes
   * @return completes when nothing is touched any more, in a thread of a device
   */
  CompletableFuture<BatchResult> copy(
      List<Descriptor> local, StagePool pool, long[] offsets, boolean toDevice) {
    Map<DeviceWindows, List<Integer>> parts = new LinkedHashMap<>();
    for (int i = 0; i < offsets.length; i++) {
      parts.computeIfAbsent(windows(local.get(i).device()), _ -> new ArrayList<>()).add(i);
    }
    MemorySegment host = pool.memory();
    parts.keySet().forEach(device -> pin(device, pool)); // before anything is on its way
    CompletableFuture<BatchResult> all = CompletableFuture.completedFuture(BatchResult.COMPLETE);
    for (Map.Entry<DeviceWindows, List<Integer>> part : parts.entrySet()) {
      List<Descriptor> theirs = part.getValue().stream().map(local::get).toList();
      long[] at = part.getValue().stream().mapToLong(i -> offsets[i]).toArray();
      all = all.thenCombine(part.getKey().copy(theirs, host, at, toDevice), Results::both);
    }
    return all;
  }

  /** A device that has pinned it, or is about to, does nothing. */
  private static void pin(DeviceWindows device, StagePool pool) {
    var _ = device.device().pin(pool.memory());
  }

  /** Makes all ready that operations with a stretch will need, but for the transports' part. */
  List<StagePool> prepare(Descriptor stretch) {
    DeviceWindows device = windows(stretch.device());
    device.map(stretch);
    pin(device, exposed);
    pin(device, begun);
    return List.of(exposed, begun);
  }

  /** Nothing is copied any more. */
  @Override
  public void close() {
    windows.values().forEach(DeviceWindows::close);
  }

  @Override
  public String toString() {
    return "%d bytes of host memory, for %s".formatted(memory.bytes(), memory.devices());
  }
}
