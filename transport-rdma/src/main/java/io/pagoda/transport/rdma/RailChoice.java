package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Region;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/** By which of several devices a batch goes. Safe for use by many threads. */
final class RailChoice {
  private final List<String> devices;
  private final PciDistance bus;
  private final int[] all;
  private final Map<String, int[]> nearest = new ConcurrentHashMap<>();

  RailChoice(List<String> devices, PciDistance bus) {
    this.devices = List.copyOf(devices);
    this.bus = bus;
    all = IntStream.range(0, devices.size()).toArray();
  }

  /**
   * {@return which device, from 0 on}
   *
   * <p>Memory of a GPU goes by a device that is nearest to it, and none is nearer than another to
   * the host's. Of these, the one with the fewest bytes to move; else each in turn.
   *
   * @param regions of the batch; the first that is of a GPU says which
   * @param count of the first so many, which the link has
   * @param ahead how many bytes a device has to move
   * @param turn another number for each batch
   */
  int of(List<Region> regions, int count, IntToLongFunction ahead, int turn) {
    int[] near = IntStream.of(near(regions)).filter(device -> device < count).toArray();
    int[] of = near.length > 0 ? near : IntStream.range(0, count).toArray();
    int best = of[Math.floorMod(turn, of.length)];
    long least = ahead.applyAsLong(best);
    for (int i = 1; i < of.length && least > 0; i++) {
      int other = of[Math.floorMod(turn + i, of.length)];
      long bytes = ahead.applyAsLong(other);
      if (bytes < least) {
        best = other;
        least = bytes;
      }
    }
    return best;
  }

  private int[] near(List<Region> regions) {
    for (Region region : regions) {
      if (region.place() instanceof MemoryPlace.OfDevice gpu) {
        return nearest.computeIfAbsent(gpu.uuid(), this::nearest);
      }
    }
    return all;
  }

  private int[] nearest(String gpu) {
    int[] steps = bus.find(gpu)
        .map(
            place -> devices.stream()
                .mapToInt(device -> bus.between(place, device).orElse(Integer.MAX_VALUE))
                .toArray())
        .orElseGet(() -> new int[devices.size()]);
    int least = IntStream.of(steps).min().orElse(0);
    return IntStream.of(all).filter(device -> steps[device] == least).toArray();
  }
}
