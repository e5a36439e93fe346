package io.pagoda.core.pool;

import io.pagoda.ElementType;
import io.pagoda.KvLayout;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The KV memory of every rank of a model, in one layout, cut into segments as engines do. Every
 * byte knows which block, layer, tensor, head and position it is of, worked out apart from the code
 * under test: from the coordinates of an element, not from planes.
 */
public final class Engines {
  private static final byte BLANK = 0x77;
  private static final int GUARD = 16;

  private final ModelSpec model;
  private final List<Tensors> tensors = new ArrayList<>();
  private final PoolMemory pool;

  /** A model and how many blocks its source engine has. */
  public record Shape(ModelSpec model, int blocks) {
    public static Shape random(
        SplittableRandom random, boolean shared, int ranks, ElementType type) {
      List<LayerGroup> groups = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(2); i++) {
        int layers = 1 + random.nextInt(4);
        int heads = ranks * (1 + random.nextInt(2));
        boolean large = random.nextInt(12) == 0; // so that some chunks are copied by C
        int size = large ? 1024 + random.nextInt(1024) : 1 + random.nextInt(9);
        groups.add(
            shared
                ? LayerGroup.shared(layers, size, type)
                : LayerGroup.separate(layers, heads, size, type));
      }
      return new Shape(
          new ModelSpec("m", groups, 1 << random.nextInt(4), ranks), 1 + random.nextInt(6));
    }
  }

  /** What one rank holds of one group, with the bytes it has and those it should have. */
  private record Tensors(PoolPart part, List<MemorySegment> expected, int group, int rank) {
    /** {@return whether a layer of the group is one of the model's layers in [from, to)} */
    boolean has(int layer, int from, int to) {
      int ofModel = part.firstLayer() + layer;
      return from <= ofModel && ofModel < to;
    }
  }

  public Engines(
      ModelSpec model, KvLayout layout, int blocks, Arena arena, SplittableRandom random) {
    this.model = model;
    List<PoolPart> parts = new ArrayList<>();
    for (int rank = 0; rank < model.tensorParallel(); rank++) {
      int firstLayer = 0;
      for (int group = 0; group < model.groups().size(); group++) {
        LayerGroup layers = model.groups().get(group);
        var spec = new PoolSpec(
            layout, layers.layers(), layers.tensors(), blocks, model.chunkBytes(layers));
        int segments = segments(spec, random);
        var part = new PoolPart(
            spec, allocate(arena, spec, segments), model.groupOffset(rank, group), firstLayer,
            layers.shared() && rank > 0);
        tensors.add(new Tensors(part, allocate(arena, spec, segments), group, rank));
        parts.add(part);
        firstLayer += layers.layers();
      }
    }
    pool = new PoolMemory(parts, model.blockBytes());
  }

  private static int segments(PoolSpec spec, SplittableRandom random) {
    return switch (spec.layout()) {
      case BLOCK_FIRST -> 1;
      case LAYER_BLOCK -> random.nextBoolean() ? 1 : spec.layers();
      case LAYER_FIRST -> switch (random.nextInt(3)) {
        case 0 -> 1;
        case 1 -> spec.layers();
        default -> spec.chunksPerBlock();
      };
    };
  }

  private static List<MemorySegment> allocate(Arena arena, PoolSpec spec, int segments) {
    List<MemorySegment> memory = new ArrayList<>();
    for (int i = 0; i < segments; i++) {
      memory.add(arena.allocate(spec.bytes() / segments + GUARD).fill(BLANK));
    }
    return memory;
  }

  public PoolMemory pool() {
    return pool;
  }

  /** Fills every block with the bytes that identify it. */
  public void identify() {
    for (Tensors held : tensors) {
      for (int block = 0; block < held.part.spec().blocks(); block++) {
        write(held, held.part.memory(), block, block, 0, model.layers());
      }
    }
  }

  /** Fills everything with bytes that identify nothing. */
  public void blank() {
    tensors.forEach(held -> held.part.memory().forEach(segment -> segment.fill(BLANK)));
  }

  /** Says that {@code block} should hold the bytes that identify {@code name}. */
  public void expect(int block, int name) {
    expect(block, name, 0, model.layers());
  }

  /** Says it for the layers in {@code [from, to)} alone. */
  void expect(int block, int name, int from, int to) {
    tensors.forEach(held -> write(held, held.expected, block, name, from, to));
  }

  /** Says it for one part alone. */
  void expectPart(int part, int block, int name) {
    write(tensors.get(part), tensors.get(part).expected, block, name, 0, model.layers());
  }

  /** Writes into a whole block what the layers in {@code [from, to)} of {@code name} are. */
  void assemble(MemorySegment block, int name, int from, int to) {
    tensors.forEach(held -> assemble(held, block, name, from, to));
  }

  /** Writes into a whole block what one part of {@code name} is. */
  void assemblePart(int part, MemorySegment block, int name) {
    assemble(tensors.get(part), block, name, 0, model.layers());
  }

  private void assemble(Tensors held, MemorySegment block, int name, int from, int to) {
    PoolSpec spec = held.part.spec();
    long at = model.groupOffset(held.rank, held.group);
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int tensor = 0; tensor < spec.tensors(); tensor++) {
        for (long i = 0; i < spec.chunkBytes() && held.has(layer, from, to); i++) {
          block.set(ValueLayout.JAVA_BYTE, at + i, identity(held, name, layer, tensor, i));
        }
        at += spec.chunkBytes();
      }
    }
  }

  /** {@return where the first wrong byte is; empty if there is none} */
  public String difference() {
    for (Tensors held : tensors) {
      for (int i = 0; i < held.expected.size(); i++) {
        long at = held.expected.get(i).mismatch(held.part.memory().get(i));
        if (at >= 0) {
          return "byte %d of segment %d of group %d, rank %d, %s"
              .formatted(at, i, held.group, held.rank, held.part.spec());
        }
      }
    }
    return "";
  }

  /** Exchanges two chunk rows of the first part, as a wrong stride would. */
  void exchange(int one, int other) {
    PoolSpec spec = tensors.getFirst().part.spec();
    List<MemorySegment> memory = tensors.getFirst().part.memory();
    for (int block = 0; block < spec.blocks(); block++) {
      for (long i = 0; i < spec.chunkBytes(); i++) {
        swap(
            memory, at(spec, memory.size(), block, one) + i,
            at(spec, memory.size(), block, other) + i, spec.bytes() / memory.size());
      }
    }
  }

  private static long at(PoolSpec spec, int segments, int block, int chunk) {
    int layer = chunk / spec.tensors();
    int tensor = chunk % spec.tensors();
    return position(spec, segments, block, layer, tensor);
  }

  private static void swap(List<MemorySegment> memory, long one, long other, long each) {
    MemorySegment first = memory.get((int) (one / each));
    MemorySegment second = memory.get((int) (other / each));
    byte kept = first.get(ValueLayout.JAVA_BYTE, one % each);
    first.set(ValueLayout.JAVA_BYTE, one % each, second.get(ValueLayout.JAVA_BYTE, other % each));
    second.set(ValueLayout.JAVA_BYTE, other % each, kept);
  }

  private void write(
      Tensors held, List<MemorySegment> memory, int block, int name, int from, int to) {
    PoolSpec spec = held.part.spec();
    long each = spec.bytes() / memory.size();
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (int tensor = 0; tensor < spec.tensors(); tensor++) {
        long at = position(spec, memory.size(), block, layer, tensor);
        for (long i = 0; i < spec.chunkBytes() && held.has(layer, from, to); i++) {
          byte value = identity(held, name, layer, tensor, i);
          memory.get((int) (at / each)).set(ValueLayout.JAVA_BYTE, at % each + i, value);
        }
      }
    }
  }

  /** Where a chunk starts if all segments stood one after the other: written out, axis by axis. */
  private static long position(PoolSpec spec, int segments, int block, int layer, int tensor) {
    long l = layer;
    long chunk = switch (spec.layout()) {
      case BLOCK_FIRST -> (block * (long) spec.layers() + l) * spec.tensors() + tensor;
      case LAYER_BLOCK -> (l * spec.blocks() + block) * spec.tensors() + tensor;
      case LAYER_FIRST -> segments == spec.chunksPerBlock()
          ? (tensor * (long) spec.layers() + l) * spec.blocks() + block
          : (l * spec.tensors() + tensor) * spec.blocks() + block;
    };
    return chunk * spec.chunkBytes();
  }

  /** A byte that depends on everything; ranks differ only where they hold different heads. */
  private byte identity(Tensors held, int block, int layer, int tensor, long at) {
    int rank = model.groups().get(held.group).shared() ? 0 : held.rank;
    long mixed = block;
    for (long axis : new long[] {held.group, rank, layer, tensor, at}) {
      mixed = (mixed ^ axis) * 0x9E3779B97F4A7C15L + 0x7F4A7C15;
      mixed ^= mixed >>> 29;
    }
    return (byte) (mixed >>> 32);
  }
}
