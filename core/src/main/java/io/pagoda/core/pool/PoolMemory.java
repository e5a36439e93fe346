package io.pagoda.core.pool;

import io.pagoda.DeviceEvent;
import io.pagoda.DeviceOrder;
import io.pagoda.PoolPart;
import io.pagoda.core.graph.Sections;
import io.pagoda.core.graph.Sections.Range;
import io.pagoda.core.graph.Sections.Section;
import io.pagoda.spi.device.Device;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The KV memory of an inference engine, in host memory. It keeps a block in chunks, where its
 * layout, its ranks and its tensors want them; everybody else keeps blocks whole, rank by rank and
 * layer by layer. The translation is here alone.
 *
 * <p>Blocks are copied one after the other: chunks of a block lie side by side in host
 * memory, which the processor then reads or writes in one go.
 *
 * <p><b>Threads.</b> Any thread may copy; blocks in use by one copy must not be in use by another
 * that writes them.
 *
 * <p><b>Memory.</b> Belongs to the engine, and must stay while a copy runs: its arena is looked at
 * when a copy begins, and not held.
 */
public final class PoolMemory implements AutoCloseable {
  private static final int WHOLE = 0;
  private static final int SOURCES = 1;
  private static final int FIRST_SECTION = 2;

  private final List<PoolPart> parts;
  private final long blockBytes;
  private final int blocks;
  private final int layers;
  private final List<Plane> all;
  private final List<Plane> sources;
  private final List<List<Plane>> byPart;

  /** Joined within a layer only. */
  private final List<Plane> byLayer;

  /** What each section of a block fills. */
  private final List<List<Plane>> bySection;

  /** For each layer the section with which it is complete. */
  private final int[] sectionOfLayer;

  private final List<MemorySegment.Scope> scopes;
  private final DeviceSide devices;

  /**
   * Describes a pool.
   *
   * @param parts which together hold every byte of a block once, replicas apart
   * @param blockBytes bytes of a block of the store
   * @throws IllegalArgumentException if they do not
   */
  public PoolMemory(List<PoolPart> parts, long blockBytes) {
    this(parts, Sections.whole(blockBytes));
  }

  /**
   * Describes a pool whose blocks come in sections.
   *
   * @param parts which together hold every byte of a block once, replicas apart
   * @param sections of the store's blocks
   * @throws IllegalArgumentException if they do not
   */
  public PoolMemory(List<PoolPart> parts, Sections sections) {
    this(parts, sections, uuid -> {
      throw new IllegalArgumentException("There is no device " + uuid + " to copy with");
    });
  }

  /**
   * Describes a pool that may be in the memory of devices.
   *
   * @param parts which together hold every byte of a block once, replicas apart
   * @param sections of the store's blocks
   * @param devices finds a device by its UUID
   * @throws IllegalArgumentException if the parts do not fit together, or a device is unknown
   */
  public PoolMemory(List<PoolPart> parts, Sections sections, Function<String, Device> devices) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("A pool has at least one part");
    }
    this.parts = List.copyOf(parts);
    this.blockBytes = sections.blockBytes();
    this.blocks = parts.getFirst().spec().blocks();
    List<Plane> planes = parts.stream().flatMap(part -> Plane.of(part).stream()).toList();
    checkWhole(planes);
    this.layers = planes.stream().mapToInt(Plane::layer).max().orElseThrow() + 1;
    List<Plane> whole = Plane.joined(planes, true);
    List<Plane> read = whole.stream().filter(plane -> !plane.replica()).toList();
    this.all = onHost(whole);
    this.sources = onHost(read);
    this.byPart = parts.stream().map(part -> Plane.joined(Plane.of(part), true)).toList();
    this.byLayer = Plane.joined(planes, false);
    List<List<Plane>> cut =
        sections.list().stream().map(section -> planesOf(section, whole)).toList();
    this.sectionOfLayer = sectionOfLayer(cut);
    this.bySection = cut.stream().map(PoolMemory::onHost).toList();
    this.devices = new DeviceSide(
        Stream.concat(Stream.of(whole, read), cut.stream()).toList(), blocks, devices);
    this.scopes = planes.stream().map(plane -> plane.memory().scope()).distinct().toList();
  }

  private void checkWhole(List<Plane> planes) {
    for (PoolPart part : parts) {
      if (part.spec().blocks() != blocks) {
        throw new IllegalArgumentException(
            "The parts of a pool hold equally many blocks, not %d and %d"
                .formatted(blocks, part.spec().blocks()));
      }
    }
    long at = 0;
    for (Plane plane : inBlockOrder(planes)) {
      if (plane.blockOffset() != at) {
        throw new IllegalArgumentException(
            "The parts of the pool hold byte %d of a block %s".formatted(
                Math.min(at, plane.blockOffset()),
                plane.blockOffset() > at ? "nowhere" : "twice, and none is a replica"));
      }
      at += plane.bytes();
    }
    if (at != blockBytes) {
      throw new IllegalArgumentException(
          "The pool has blocks of %d bytes, the store of %d".formatted(at, blockBytes));
    }
    for (Plane plane : planes) {
      Objects.checkFromIndexSize(plane.blockOffset(), plane.bytes(), blockBytes);
    }
  }

  private static List<Plane> inBlockOrder(List<Plane> planes) {
    return planes.stream()
        .filter(plane -> !plane.replica())
        .sorted(Comparator.comparingLong(Plane::blockOffset))
        .toList();
  }

  /** {@return whether any of it is in the memory of a device} */
  public boolean onDevices() {
    return !devices.isEmpty();
  }

  /**
   * Copies blocks out of the pool into host memory, wherever the pool is.
   *
   * @param batch which pool blocks, as its slots, and where to; whole blocks
   * @param completion told how it ended
   * @param broken called as soon as it is known that not all will come: before this returns, if
   *     any of it was refused
   */
  public void gather(BlockBatch batch, Completion completion, Runnable broken) {
    gather(batch);
    devices.copy(batch, SOURCES, false, completion, broken);
  }

  /**
   * Copies blocks, or a section of them, into the pool, wherever the pool is.
   *
   * @param batch which pool blocks, as its slots, and where from; whole blocks
   * @param section which section; negative for all
   * @param completion told how it ended
   * @param broken called as soon as it is known that not all will come: before this returns, if
   *     any of it was refused
   */
  public void scatter(BlockBatch batch, int section, Completion completion, Runnable broken) {
    scatter(batch, section < 0 ? all : bySection.get(section));
    devices.copy(batch, section < 0 ? WHOLE : FIRST_SECTION + section, true, completion, broken);
  }

  /**
   * Refuses an order that names devices on which nothing of the pool is.
   *
   * @throws IllegalArgumentException if it does
   */
  public void check(DeviceOrder order) {
    devices.check(order);
  }

  /** Has copies on devices that are begun from now on wait for events. */
  public void holdUp(List<DeviceEvent> events, boolean toDevice) {
    devices.holdUp(events, toDevice);
  }

  /** Records events behind the copies on devices that were begun. */
  public void record(List<DeviceEvent> events, boolean toDevice) {
    devices.record(events, toDevice);
  }

  /** Lets go of what devices keep for the pool. Nothing may be in flight. */
  @Override
  public void close() {
    devices.close();
  }

  /** {@return what the pool is made of} */
  public List<PoolPart> parts() {
    return parts;
  }

  /** {@return how many layers of the model it holds, from the first} */
  public int layers() {
    return layers;
  }

  /** {@return how many leading layers are complete when sections up to {@code section} are} */
  public int layersWith(int section) {
    int complete = 0;
    while (complete < layers && sectionOfLayer[complete] <= section) {
      complete++;
    }
    return complete;
  }

  /** {@return how many blocks it holds} */
  public int blocks() {
    return blocks;
  }

  /**
   * Checks the numbers of pool blocks.
   *
   * @param requests the numbers of each of several requests
   * @param distinct whether none may stand there twice
   * @throws IndexOutOfBoundsException if one is not a block of the pool
   * @throws IllegalArgumentException if one stands there twice and may not
   */
  public void check(List<int[]> requests, boolean distinct) {
    long[] seen = new long[distinct ? (blocks + 63) / 64 : 0];
    for (int[] numbers : requests) {
      for (int block : numbers) {
        Objects.checkIndex(block, blocks);
        if (distinct && (seen[block >> 6] & (1L << block)) != 0) {
          throw new IllegalArgumentException("Pool block " + block + " is named twice");
        }
        if (distinct) {
          seen[block >> 6] |= 1L << block;
        }
      }
    }
  }

  /**
   * Copies blocks from the pool into host memory.
   *
   * @param batch which pool blocks, as its slots, and where to; whole blocks
   */
  public void gather(BlockBatch batch) {
    gather(batch, sources);
  }

  /**
   * Copies some layers of blocks from the pool into host memory, to where they are in whole blocks;
   * the bytes of other layers stay as they are.
   *
   * @param batch which pool blocks, as its slots, and where to; whole blocks
   * @param from the first layer of the model
   * @param to the layer after the last
   */
  public void gather(BlockBatch batch, int from, int to) {
    gather(batch, layers(from, to).stream().filter(plane -> !plane.replica()).toList());
  }

  /**
   * Copies what one part of the pool holds of blocks into host memory, to where it is in whole
   * blocks. A replica will do as well as what it is a replica of.
   *
   * @param batch which pool blocks, as its slots, and where to; whole blocks
   * @param part which of {@link #parts()}
   */
  public void gatherPart(BlockBatch batch, int part) {
    gather(batch, byPart.get(part));
  }

  /**
   * Copies blocks from host memory into the pool, replicas included.
   *
   * @param batch which pool blocks, as its slots, and where from; whole blocks
   */
  public void scatter(BlockBatch batch) {
    scatter(batch, all);
  }

  /**
   * Copies some layers of blocks from host memory into the pool, replicas included; other layers
   * stay as they are.
   *
   * @param batch which pool blocks, as its slots, and where from; whole blocks
   * @param from the first layer of the model
   * @param to the layer after the last
   */
  public void scatter(BlockBatch batch, int from, int to) {
    scatter(batch, layers(from, to));
  }

  /**
   * Copies a section of blocks from host memory into the pool, replicas included; the rest stays as
   * it is. A pool that knows other layers than the model does gets the same bytes.
   *
   * @param batch which pool blocks, as its slots, and where from; whole blocks
   * @param section which section
   */
  public void scatterSection(BlockBatch batch, int section) {
    scatter(batch, bySection.get(section));
  }

  private static List<Plane> onHost(List<Plane> planes) {
    return planes.stream().filter(Plane::onHost).toList();
  }

  private static List<Plane> planesOf(Section section, List<Plane> whole) {
    List<Plane> planes = new ArrayList<>();
    for (Plane plane : whole) {
      for (Range range : section.ranges()) {
        long from = Math.max(plane.blockOffset(), range.offset());
        long to = Math.min(plane.blockOffset() + plane.bytes(), range.offset() + range.bytes());
        if (from < to) {
          planes.add(plane.part(from, to));
        }
      }
    }
    return planes;
  }

  private int[] sectionOfLayer(List<List<Plane>> cut) {
    int[] last = new int[layers];
    for (Plane plane : byLayer) {
      for (int section = 0; section < cut.size(); section++) {
        if (cut.get(section).stream().anyMatch(plane::overlaps)) {
          last[plane.layer()] = Math.max(last[plane.layer()], section);
        }
      }
    }
    return last;
  }

  /**
   * Copies blocks from host memory into one part of the pool; other parts stay as they are.
   *
   * @param batch which pool blocks, as its slots, and where from; whole blocks
   * @param part which of {@link #parts()}
   */
  public void scatterPart(BlockBatch batch, int part) {
    scatter(batch, byPart.get(part));
  }

  private List<Plane> layers(int from, int to) {
    Objects.checkFromToIndex(from, to, layers);
    return Plane.joined(
        byLayer.stream().filter(plane -> from <= plane.layer() && plane.layer() < to).toList(),
        true);
  }

  private void gather(BlockBatch batch, List<Plane> planes) {
    check(batch);
    MemorySegment host = batch.memory();
    for (int i = 0; i < batch.size(); i++) {
      for (Plane plane : planes) {
        ChunkCopy.copy(
            plane.memory(), plane.at(batch.slot(i)), host, batch.offset(i) + plane.blockOffset(),
            plane.bytes());
      }
    }
  }

  private void scatter(BlockBatch batch, List<Plane> planes) {
    check(batch);
    MemorySegment host = batch.memory();
    for (int i = 0; i < batch.size(); i++) {
      for (Plane plane : planes) {
        ChunkCopy.copy(
            host, batch.offset(i) + plane.blockOffset(), plane.memory(), plane.at(batch.slot(i)),
            plane.bytes());
      }
    }
  }

  /** Checks for all chunks of a batch at once what copies would check for each. */
  private void check(BlockBatch batch) {
    if (batch.rangeOffset() != 0 || batch.rangeBytes() != blockBytes) {
      throw new IllegalArgumentException(
          "The pool has blocks of %d bytes; it was handed %s".formatted(blockBytes, batch));
    }
    for (int i = 0; i < batch.size(); i++) {
      Objects.checkIndex(batch.slot(i), blocks);
    }
    for (MemorySegment.Scope scope : scopes) {
      checkAlive(scope, "engine memory");
    }
    checkAlive(batch.memory().scope(), "host memory");
  }

  private static void checkAlive(MemorySegment.Scope scope, String what) {
    if (!scope.isAlive()) {
      throw new IllegalStateException(
          "The arena of the " + what + " was closed; a pool is closed before its memory is freed");
    }
  }
}
