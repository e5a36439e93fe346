package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.OperationTerms;
import io.pagoda.core.connect.ConnectorSettings;
import io.pagoda.core.connect.Preference;
import io.pagoda.core.connect.StagingMemory;
import io.pagoda.core.connect.TransportConnector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A connector over sockets with a device of its own, and memory of either kind. */
final class StagedSide implements AutoCloseable {
  static final OperationTerms MINUTE = OperationTerms.within(Duration.ofMinutes(1));

  private static final int GUARD = 64;

  private static final TcpSettings SETTINGS = new TcpSettings(
      Backend.AUTO, 1, "127.0.0.1:0", "", 1, 1 << 20, 8, 64, false, Optional.empty(),
      new TcpSettings.Times(
          Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofSeconds(20),
          Duration.ofSeconds(20), Duration.ofNanos(20_000)),
      100, 100, Optional.empty());

  final FarDevice device;
  final TcpTransport transport;
  final TransportConnector connector;
  private final Arena arena = Arena.ofShared();
  private final int before;

  StagedSide(String name, long staging) {
    device = new FarDevice("GPU-" + name);
    transport = TcpTransport.open(SETTINGS, name);
    var settings = new ConnectorSettings(
        name, MINUTE, true, Duration.ofSeconds(20), Optional.empty(), List.of(device.uuid()));
    connector = new TransportConnector(
        settings, List.of(Preference.open(transport)),
        new StagingMemory(arena, staging, List.of(device)));
    before = connector.use().registrations();
  }

  /**
   * Memory of one side, in guards: what is in it, and what lies beside it.
   *
   * @param descriptors what operations see
   * @param device where it is; nowhere if it is the host's
   * @param host it, if it is the host's
   */
  record Memory(
      List<Descriptor> descriptors, Optional<FarDevice> device, List<MemorySegment> host) {
    private byte[] guarded(int stretch) {
      Descriptor of = descriptors.get(stretch);
      return device.map(far -> far.bytes(of.address() - GUARD).clone())
          .orElseGet(() -> host.get(stretch).toArray(JAVA_BYTE));
    }

    private static byte[] wanted(Descriptor of, int stretch, long seed) {
      byte[] bytes = new byte[(int) of.bytes()];
      new Random(seed * 31 + stretch).nextBytes(bytes);
      return bytes;
    }

    Memory fill(long seed) {
      for (int i = 0; i < descriptors.size(); i++) {
        Descriptor of = descriptors.get(i);
        byte[] bytes = wanted(of, i, seed);
        if (device.isPresent()) {
          byte[] there = device.get().bytes(of.address() - GUARD);
          System.arraycopy(bytes, 0, there, GUARD, bytes.length);
        } else {
          MemorySegment.copy(bytes, 0, host.get(i), JAVA_BYTE, GUARD, bytes.length);
        }
      }
      return this;
    }

    /** Asserts that it has what {@link #fill} would have put there, and nothing beside it. */
    void check(long seed, String what) {
      for (int i = 0; i < descriptors.size(); i++) {
        byte[] expected = new byte[(int) descriptors.get(i).bytes() + 2 * GUARD];
        byte[] bytes = wanted(descriptors.get(i), i, seed);
        System.arraycopy(bytes, 0, expected, GUARD, bytes.length);
        assertEquals(
            -1, Arrays.mismatch(expected, guarded(i)),
            "stretch %d of %s, seed %d".formatted(i, what, seed));
      }
    }

    /** Asserts that it is as it was made. */
    void checkUntouched() {
      for (int i = 0; i < descriptors.size(); i++) {
        byte[] untouched = new byte[(int) descriptors.get(i).bytes() + 2 * GUARD];
        assertEquals(-1, Arrays.mismatch(untouched, guarded(i)), "stretch " + i);
      }
    }
  }

  /** {@return zeros on the device} */
  Memory far(int... sizes) {
    List<Descriptor> descriptors = new ArrayList<>();
    for (int size : sizes) {
      long address = device.place(size + 2 * GUARD);
      descriptors.add(Descriptor.of(address + GUARD, size, Device.cuda(0)));
    }
    return new Memory(descriptors, Optional.of(device), List.of());
  }

  /** {@return zeros on the device, over the end of what is mapped at once} */
  Memory overAnEdge(int size) {
    long address = device.place(size + 2 * GUARD, (1L << 30) - (1 << 16) - size / 2);
    return new Memory(
        List.of(Descriptor.of(address + GUARD, size, Device.cuda(0))), Optional.of(device),
        List.of());
  }

  /** {@return zeros in host memory} */
  Memory near(int... sizes) {
    List<Descriptor> descriptors = new ArrayList<>();
    List<MemorySegment> host = new ArrayList<>();
    for (int size : sizes) {
      MemorySegment whole = Arena.ofAuto().allocate(size + 2 * GUARD);
      host.add(whole);
      descriptors.add(Descriptor.of(whole.asSlice(GUARD, size)));
    }
    return new Memory(descriptors, Optional.empty(), host);
  }

  Memory memory(boolean far, int... sizes) {
    return far ? far(sizes) : near(sizes);
  }

  /**
   * Asserts that it holds nothing but its connections, and what it stages in; peers may still have
   * to say that they let go.
   */
  void checkIdle() {
    long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!isIdle() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    var use = connector.use();
    assertEquals(0, use.operations(), use::toString);
    assertEquals(0, use.grants(), use::toString);
    assertEquals(0, use.stagedBytes(), use::toString);
    int halves = use.registrations() - before;
    assertTrue(halves >= 0 && halves <= 2, use::toString);
  }

  private boolean isIdle() {
    var use = connector.use();
    return use.operations() == 0 && use.grants() == 0 && use.stagedBytes() == 0;
  }

  @Override
  public void close() {
    connector.close();
    assertEquals(0, device.regions.get(), "windows of the device that are mapped");
    device.close();
    transport.close();
    assertEquals(0, transport.use().registrations());
    assertEquals(0, transport.use().grants());
    arena.close();
  }
}
