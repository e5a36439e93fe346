package io.pagoda.tier.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Host memory that the driver knows: it takes a range once for the whole process, so that devices
 * and tiers share their ranges. One is given back when the last who holds it lets go.
 *
 * <p><b>Threads.</b> Safe for use by many threads; who takes a range waits for whoever is taking
 * one.
 */
final class Pins {
  /** The process's: JCuda's native library loads for one class loader, so there is one of these. */
  static final Pins OF_PROCESS = new Pins();

  private final NavigableMap<Long, Pin> pins = new TreeMap<>();

  /** Makes ranges known to the driver. */
  interface Registrar {
    /**
     * Registers a range, of which nothing is registered.
     *
     * @throws io.pagoda.PagodaException if the driver refuses
     */
    Registration register(long address, long bytes);
  }

  /** A range that the driver knows until this is closed. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /** A range that was registered at once. */
  static final class Pin {
    private final long from;
    private final long end;
    private final Registration registration;
    private int holders;

    private Pin(long from, long end, Registration registration) {
      this.from = from;
      this.end = end;
      this.registration = registration;
    }

    /** {@return the address behind its last byte} */
    long end() {
      return end;
    }
  }

  /**
   * Takes what covers a range: what others hold of it, and new registrations for the rest.
   *
   * @return each to be {@linkplain #release released} once, in the order of their addresses
   * @throws io.pagoda.PagodaException if the driver refuses; then nothing was taken
   */
  synchronized List<Pin> take(long address, long bytes, Registrar registrar) {
    List<Pin> taken = new ArrayList<>();
    try {
      for (long at = address; at < address + bytes; at = taken.getLast().end) {
        Pin pin = at(at, address + bytes, registrar);
        pin.holders++;
        taken.add(pin);
      }
      return taken;
    } catch (RuntimeException e) {
      taken.forEach(this::release);
      throw e;
    }
  }

  private Pin at(long address, long end, Registrar registrar) {
    Map.Entry<Long, Pin> before = pins.floorEntry(address);
    if (before != null && address < before.getValue().end) {
      return before.getValue();
    }
    Long next = pins.higherKey(address);
    long until = next == null ? end : Math.min(end, next);
    var added = new Pin(address, until, registrar.register(address, until - address));
    pins.put(address, added);
    return added;
  }

  /** Lets a range go. */
  synchronized void release(Pin pin) {
    if (--pin.holders == 0) {
      pins.remove(pin.from);
      pin.registration.close();
    }
  }

  /** {@return how many ranges the driver knows} */
  synchronized int count() {
    return pins.size();
  }
}
