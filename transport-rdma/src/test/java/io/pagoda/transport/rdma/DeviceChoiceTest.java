package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import java.io.IOException;
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

  private List<String> choice(String device, String near) {
    RdmaSettings set = new Rig().settings();
    RdmaSettings settings = new RdmaSettings(
        set.provider(), device, near, -1, "", "", Optional.empty(), 1, set.queue(), set.list(),
        set.pieceBytes(), set.windowBytes(), set.chunkBytes(), set.wire(), set.times(), 64);
    return DeviceChoice
        .of(settings, ALL, new PciDistance(root.resolve("sys"), root.resolve("proc")));
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

  @Test
  void aGidIsTakenByItsAddress() throws IOException {
    Path port = root.resolve("sys/class/infiniband/mlx5_0/ports/1");
    Files.createDirectories(port.resolve("gids"));
    List<String> gids = List.of(
        "fe80:0000:0000:0000:0ac0:ebff:fe00:0001", "0000:0000:0000:0000:0000:0000:0000:0000",
        "0000:0000:0000:0000:0000:ffff:0a4d:0001", "fd00:0000:0000:0000:0000:0000:0000:0007");
    for (int i = 0; i < gids.size(); i++) {
      Files.writeString(port.resolve("gids/" + i), gids.get(i) + "\n");
    }
    Gids table = Gids.of(root.resolve("sys/class/infiniband"), "mlx5_0");
    assertEquals("10.77.0.1", table.address(2, "mlx5_0").getHostAddress());
    assertEquals("fd00:0:0:0:0:0:0:7", table.address(3, "mlx5_0").getHostAddress());
    for (int wrong : new int[] {0, 1, 9}) {
      PagodaException refused =
          assertThrows(PagodaException.class, () -> table.address(wrong, "mlx5_0"));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("2 (10.77.0.1), 3 (fd00:0:0:0:0:0:0:7)"),
          refused::toString);
    }
  }
}
