package io.pagoda.node.attach;

import io.pagoda.spi.device.Device;
import io.pagoda.spi.device.DeviceMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/**
 * Memory of the engine's process that this one can reach: of a device, by a handle that the engine
 * exported; of the host, by a file that the engine has mapped too.
 *
 * <p><b>Threads.</b> Confined.
 *
 * <p><b>Memory.</b> What was opened stays open until it is closed; then nothing may use it.
 */
final class SharedMemory implements AutoCloseable {

  private final List<Device> devices;
  private final Arena arena = Arena.ofShared();
  private final Deque<DeviceMemory> opened = new ArrayDeque<>();

  SharedMemory(List<Device> devices) {
    this.devices = devices;
  }

  /**
   * Opens memory.
   *
   * @param where {@code file} or {@code handle}, with {@code offset} and {@code bytes}
   * @param uuid the device's UUID; empty for host memory
   */
  MemorySegment open(Fields where, String uuid) throws RequestException {
    long offset = where.has("offset") ? where.number("offset", Long.MAX_VALUE) : 0;
    long bytes = where.number("bytes", Long.MAX_VALUE);
    return uuid.isEmpty()
        ? map(where.text("file"), offset, bytes)
        : open(device(uuid), handle(where.text("handle")), offset, bytes);
  }

  private MemorySegment map(String file, long offset, long bytes) throws RequestException {
    try (var channel =
        FileChannel.open(Path.of(file), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() < offset + bytes) {
        throw new RequestException(
            "%s has %,d bytes, and bytes %,d to %,d are told of"
                .formatted(file, channel.size(), offset, offset + bytes - 1));
      }
      return channel.map(FileChannel.MapMode.READ_WRITE, offset, bytes, arena);
    } catch (IOException e) {
      throw new RequestException("%s cannot be mapped: %s".formatted(file, e));
    }
  }

  private MemorySegment open(Device device, byte[] handle, long offset, long bytes)
      throws RequestException {
    try {
      DeviceMemory memory = device.open(handle, offset, bytes);
      opened.push(memory);
      return memory.segment();
    } catch (IllegalArgumentException e) {
      throw new RequestException(String.valueOf(e.getMessage()));
    }
  }

  private static byte[] handle(String hex) throws RequestException {
    try {
      return HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException _) {
      throw new RequestException("A handle is hexadecimal digits, not '%s'".formatted(hex));
    }
  }

  private Device device(String uuid) throws RequestException {
    for (Device device : devices) {
      if (device.uuid().equals(uuid)) {
        return device;
      }
    }
    throw new RequestException(
        "No device %s is open, but %s: name it among pagoda.devices"
            .formatted(uuid, devices.stream().map(Device::uuid).toList()));
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      opened.pop().close();
    }
    arena.close();
  }
}
