package io.pagoda.core.connect;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.Fault;
import io.pagoda.spi.Availability;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.Window;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An open transport, and what the connector has of it: where peers connect to, and a few bytes that
 * they read when they only want to tell something.
 */
final class Track {
  private static final int CONTROL_BYTES = 16;
  private static final int LANDING = 8;

  private final Transport transport;
  private final List<String> devices;
  private final Region control;
  private final Map<StagePool, Region> pools = new HashMap<>();
  private @Nullable Endpoint endpoint;
  private boolean closed;

  Track(Transport transport, List<String> devices) {
    this.transport = transport;
    this.devices = devices;
    control = transport.register(Arena.ofAuto().allocate(CONTROL_BYTES));
  }

  Transport transport() {
    return transport;
  }

  String type() {
    return transport.type();
  }

  /** {@return where peers connect to; the first who asks has it opened} */
  synchronized Endpoint endpoint() {
    if (endpoint == null) {
      endpoint = transport.listen();
    }
    return endpoint;
  }

  /** {@return the byte that a peer reads} */
  Window pulse() {
    return new Window(control, 0, 1);
  }

  /** {@return where a peer's byte lands} */
  Region control() {
    return control;
  }

  long landing() {
    return LANDING;
  }

  /** {@return why it moves nothing any more, if it does not} */
  Optional<String> absence() {
    return transport.capabilities().availability() instanceof Availability.Unavailable gone
        ? Optional.of(gone.reason())
        : Optional.empty();
  }

  /** {@return why it cannot move memory of a device itself, if it cannot} */
  Optional<String> refusal(Device device) {
    String why = transport.capabilities().missing().get(Feature.DEVICE_MEMORY);
    return device.kind() == Device.Kind.CPU || why == null
        ? Optional.empty()
        : Optional.of("%s does not move memory of %s: %s".formatted(type(), device, why));
  }

  /** {@return host memory that is staged in, registered since it was first asked for} */
  synchronized Region region(StagePool pool) {
    if (closed) {
      throw new IllegalStateException("The connector was closed");
    }
    return pools.computeIfAbsent(pool, _ -> transport.register(pool.memory()));
  }

  /** Registers all, or none. */
  List<Region> register(List<Descriptor> descriptors) {
    List<Region> regions = new ArrayList<>();
    try {
      for (Descriptor one : descriptors) {
        regions.add(transport.register(memory(one), place(one.device())));
      }
      return regions;
    } catch (RuntimeException e) {
      regions.forEach(Region::close);
      throw e;
    }
  }

  private static MemorySegment memory(Descriptor one) {
    return Sums.memory(one);
  }

  private MemoryPlace place(Device device) {
    if (device.kind() == Device.Kind.CPU) {
      return MemoryPlace.HOST;
    }
    if (device.number() >= devices.size()) {
      throw new ConnectorException(
          Trouble.NO_TRANSPORT, Fault.PERMANENT,
          "Nobody says which device %s is: put its UUID into pagoda.connector.devices"
              .formatted(device));
    }
    return new MemoryPlace.OfDevice(devices.get(device.number()));
  }

  /** Takes no more peers; the transport is its owner's to close. */
  synchronized void close() {
    closed = true;
    if (endpoint != null) {
      endpoint.close();
    }
    pools.values().forEach(Region::close);
    control.close();
  }
}
