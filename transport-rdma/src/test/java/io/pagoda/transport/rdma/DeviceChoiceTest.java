package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.MemoryPlace;
import io.pagoda.spi.transport.Region;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which device is taken, on a machine of files: two sockets, three devices, two GPUs. */
class DeviceChoiceTest {
  private static final List<String> ALL = List.of("mlx5_0", "mlx5_1", "mlx5_2", "rxe0");

  @TempDir private Path root;

  @BeforeEach
  void aMachine() throws IOException {
    nic("mlx5_0", "pci0000:00/0000:00:01.0/0000:01:00.0", 0);
    nic("mlx5_1", "pci0000:15/0000:15:01.0/0000:16:00.0/0000:17:02.0/0000:19:00.0", 0);
    nic("mlx5_2", "pci0000:80/0000:80:01.0/0000:81:00.0", 1);
    Files.createDirectories(root.resolve("sys/class/infiniband/rxe0"));
    gpu("pci0000:15/0000:15:01.0/0000:16:00.0/0000:17:00.0/0000:18:00.0", 0, "GPU-aa-1");
    gpu("pci0000:90/0000:90:01.0/0000:91:00.0", 1, "GPU-bb-2");
  }

  private Path device(String place, int node) throws IOException {
    Path made = Files.createDirectories(root.resolve("sys/devices").resolve(place));
    Files.writeString(made.resolve("numa_node"), node + "\n");
    Path bus = Files.createDirectories(root.resolve("sys/bus/pci/devices"));
    Files.createSymbolicLink(bus.resolve(made.getFileName()), made);
    return made;
  }

  private void nic(String name, String place, int node) throws IOException {
    Path of = Files.createDirectories(root.resolve("sys/class/infiniband").resolve(name));
    Files.createSymbolicLink(of.resolve("device"), device(place, node));
  }

  private void gpu(String place, int node, String uuid) throws IOException {
    Path made = device(place, node);
    Path told = Files
        .createDirectories(root.resolve("proc/driver/nvidia/gpus").resolve(made.getFileName()));
    Files.writeString(
        told.resolve("information"), "Model: \t\t NVIDIA H200\nGPU UUID: \t " + uuid + "\n");
  }

  private static RdmaSettings settings(
      String device, String near, int rails, int gid, String listen) {
    RdmaSettings set = new Rig().settings();
    return new RdmaSettings(
        set.provider(), device, near, rails, gid, listen, "", Optional.empty(), 1, set.queue(),
        set.list(), set.pieceBytes(), set.windowBytes(), set.chunkBytes(), set.wire(), set.times(),
        64);
  }

  private List<String> choice(String device, String near) {
    return DeviceChoice.of(
        settings(device, near, 1, -1, ""), ALL,
        new PciDistance(root.resolve("sys"), root.resolve("proc")));
  }

  @Test
  void devicesAreToldByNameOrNumber() {
    assertEquals(ALL, choice("", ""));
    assertEquals(List.of("mlx5_1"), choice("mlx5_1", ""));
    assertEquals(List.of("mlx5_2", "mlx5_0"), choice("2, mlx5_0", ""));
    for (String wrong : List.of("mlx5_7", "4", "mlx5_0,")) {
      PagodaException refused = assertThrows(PagodaException.class, () -> choice(wrong, ""));
      assertTrue(String.valueOf(refused.getMessage()).contains("mlx5_0, mlx5_1, mlx5_2, rxe0"));
    }
  }

  @Test
  void theNearestToAGpuComesFirst() {
    assertEquals(List.of("mlx5_1", "mlx5_0", "mlx5_2", "rxe0"), choice("", "0000:18:00.0"));
    assertEquals("mlx5_1", choice("", "00000000:18:00.0").getFirst(), "as nvidia-smi tells of it");
    assertEquals(List.of("mlx5_1", "mlx5_0", "mlx5_2", "rxe0"), choice("", "gpu-AA-1"));
    assertEquals("mlx5_2", choice("", "GPU-bb-2").getFirst());
    assertEquals(List.of("mlx5_0", "mlx5_2"), choice("mlx5_2,mlx5_0", "GPU-aa-1"));
  }

  @Test
  void aGpuThatIsNotThereIsSaid() {
    PagodaException refused = assertThrows(PagodaException.class, () -> choice("", "0000:99:00.0"));
    assertTrue(String.valueOf(refused.getMessage()).contains("0000:99:00.0"), refused::toString);
    assertTrue(String.valueOf(refused.getMessage()).contains("nvidia-smi -L"), refused::toString);
  }

  private void gids(String device, String... gids) throws IOException {
    Path table = Files
        .createDirectories(root.resolve("sys/class/infiniband/%s/ports/1/gids".formatted(device)));
    for (int i = 0; i < gids.length; i++) {
      Files.writeString(table.resolve(Integer.toString(i)), gids[i] + "\n");
    }
  }

  private static RdmaPort first(PortChoice ports, List<String> wanted) {
    return ports.of(wanted).getFirst();
  }

  private PortChoice ports(String listen, int gid) {
    return new PortChoice(
        settings("", "", 1, gid, listen), root.resolve("sys/class/infiniband"),
        device -> device.equals("mlx5_0") ? List.of() : List.of(address("10.77.0.2")));
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void severalAtOnceAreTheFirstThatCanBeUsed() {
    PortChoice two = new PortChoice(
        settings("", "", 2, -1, ":7"), root.resolve("sys/class/infiniband"),
        device -> device.equals("mlx5_1") ? List.of() : List.of(address("10.77.0.2")));
    assertEquals(List.of("mlx5_0", "mlx5_2"), two.of(ALL).stream().map(RdmaPort::device).toList());
    PagodaException refused =
        assertThrows(PagodaException.class, () -> two.of(List.of("mlx5_1", "rxe0", "rxe0")));
    assertEquals(
        "rails = 2, and of this machine's devices these can be used: rxe0; mlx5_1 has none",
        refused.getMessage());
  }

  @Test
  void whoNoPeerCanReachIsNoneOfSeveral() throws IOException {
    PortChoice two = new PortChoice(
        settings("", "", 2, -1, ""), root.resolve("sys/class/infiniband"),
        device -> device.equals("mlx5_0")
            ? List.of(address("fe80::1"))
            : List.of(address("10.77.0.2"), address("fe80::2")));
    state("mlx5_1", "1: DOWN");
    state("mlx5_2", "4: ACTIVE");
    assertEquals(List.of("mlx5_2", "rxe0"), two.of(ALL).stream().map(RdmaPort::device).toList());
    PagodaException refused =
        assertThrows(PagodaException.class, () -> two.of(List.of("mlx5_0", "mlx5_1", "rxe0")));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("used: rxe0; mlx5_0 has [/fe80:"), message);
    assertTrue(message.endsWith("mlx5_1 has no port that is ACTIVE: 1: DOWN"), message);
  }

  private void state(String device, String text) throws IOException {
    Path port = root.resolve("sys/class/infiniband/%s/ports/1".formatted(device));
    Files.writeString(Files.createDirectories(port).resolve("state"), text + "\n");
  }

  private int rail(String gpu, long... ahead) {
    RailChoice choice =
        new RailChoice(ALL, new PciDistance(root.resolve("sys"), root.resolve("proc")));
    return choice.of(
        List.of(region(MemoryPlace.HOST), region(new MemoryPlace.OfDevice(gpu))), ALL.size(),
        device -> ahead[device], 3);
  }

  private static Region region(MemoryPlace place) {
    return (Region) Proxy.newProxyInstance(
        Region.class.getClassLoader(), new Class<?>[] {Region.class}, (_, _, _) -> place);
  }

  @Test
  void memoryOfAGpuGoesByTheDeviceThatIsNearestToIt() throws IOException {
    assertEquals(1, rail("GPU-aa-1", 0, 9_999, 0, 0));
    assertEquals(2, rail("GPU-bb-2", 0, 0, 9_999, 0));
    assertEquals(3, rail("GPU-unknown", 5, 5, 5, 4), "the one with the least to do");
    nic("mlx5_3", "pci0000:80/0000:80:02.0/0000:82:00.0", 1);
    RailChoice choice = new RailChoice(
        List.of("mlx5_0", "mlx5_2", "mlx5_3"),
        new PciDistance(root.resolve("sys"), root.resolve("proc")));
    List<Region> memory = List.of(region(new MemoryPlace.OfDevice("GPU-bb-2")));
    assertEquals(1, choice.of(memory, 3, device -> device * 10L, 0));
    assertEquals(2, choice.of(memory, 3, device -> 30 - device * 10L, 0), "as near");
    assertEquals(0, choice.of(memory, 1, _ -> 0, 0), "the peer has but one");
  }

  @Test
  void aGidIsTakenByItsAddress() throws IOException {
    gids(
        "mlx5_0", "fe80:0000:0000:0000:0ac0:ebff:fe00:0001",
        "0000:0000:0000:0000:0000:0000:0000:0000", "0000:0000:0000:0000:0000:ffff:0a4d:0001",
        "fd00:0000:0000:0000:0000:0000:0000:0007");
    List<String> only = List.of("mlx5_0");
    assertEquals(
        new RdmaPort("mlx5_0", new InetSocketAddress("10.77.0.1", 18_515)),
        first(ports(":18515", 2), only));
    assertEquals(address("fd00::7"), first(ports("", 3), only).address().getAddress());
    for (int wrong : new int[] {0, 1, 9}) {
      PagodaException refused =
          assertThrows(PagodaException.class, () -> first(ports("", wrong), only));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("2 (10.77.0.1), 3 (fd00:0:0:0:0:0:0:7)"),
          refused::toString);
    }
  }

  @Test
  void ofSeveralDevicesTheFirstIsTakenThatHasTheGid() throws IOException {
    gids("mlx5_0", "fe80:0000:0000:0000:0ac0:ebff:fe00:0001");
    gids(
        "mlx5_2", "fe80:0000:0000:0000:0ac0:ebff:fe00:0003",
        "0000:0000:0000:0000:0000:ffff:0a4d:0003", "0000:0000:0000:0000:0000:ffff:0a4d:0004");
    assertEquals("mlx5_2", first(ports("", 1), ALL).device());
    assertEquals(address("10.77.0.4"), first(ports("10.77.0.4:9", 2), ALL).address().getAddress());
    PagodaException refused = assertThrows(PagodaException.class, () -> first(ports("", 5), ALL));
    for (String part : List.of(
        "no RDMA device has a GID 5", "mlx5_0 has no GID 5, and these can be set: none",
        "mlx5_1 has no GID 5", "mlx5_2 has no GID 5, and these can be set: 1 (10.77.0.3), 2 (",
        "rxe0 has no GID 5")) {
      assertTrue(String.valueOf(refused.getMessage()).contains(part), refused::toString);
    }
  }

  @Test
  void ofSeveralDevicesTheFirstIsTakenThatHasTheAddress() {
    assertEquals("mlx5_1", first(ports(":0", -1), ALL).device());
    assertEquals("mlx5_1", first(ports("10.77.0.2:7", -1), ALL).device());
    PagodaException refused =
        assertThrows(PagodaException.class, () -> first(ports("10.77.0.9:7", -1), ALL));
    assertTrue(
        String.valueOf(refused.getMessage())
            .contains("address '10.77.0.9:7': mlx5_0 has none; mlx5_1 has [/10.77.0.2]; mlx5_2"),
        refused::toString);
  }
}
