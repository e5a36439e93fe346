package io.pagoda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * An inference engine's KV memory, told as the engine has it: by rank, in one tensor, in one for
 * each layer, or in one for each layer and tensor. Where everything is in a block follows from the
 * model.
 *
 * <p>For layers that every rank holds whole (MLA), rank 0 is read and all ranks are written; no
 * rank is given a share to write, so nothing has to be divisible by the number of ranks.
 *
 * <p><b>Threads.</b> Confined: one thread at a time.
 */
public final class EngineMemory {
  private final ModelSpec model;
  private final KvLayout layout;
  private final int blocks;
  private final boolean[][] told;
  private final List<PoolPart> parts = new ArrayList<>();
  private String device = "";

  private EngineMemory(ModelSpec model, KvLayout layout, int blocks) {
    this.model = model;
    this.layout = layout;
    this.blocks = blocks;
    this.told = new boolean[model.tensorParallel()][model.groups().size()];
  }

  /**
   * Begins a description.
   *
   * @param model whose blocks the memory holds
   * @param layout the order of its chunks
   * @param blocks how many blocks it holds, at least 1
   */
  public static EngineMemory of(ModelSpec model, KvLayout layout, int blocks) {
    return new EngineMemory(model, layout, blocks);
  }

  /**
   * Says whose memory is told of from here on; host memory until then.
   *
   * @param uuid the UUID of a device that the store has opened, as {@code nvidia-smi -L} prints it
   */
  public EngineMemory on(String uuid) {
    device = uuid;
    return this;
  }

  /**
   * Tells all that one rank holds.
   *
   * @param rank which rank, from 0
   * @param memory one segment for all layers; one for each group of layers; one for each layer; or,
   *     layer-first, one for each layer and tensor, within each group all keys before all values.
   *     One segment for several groups is block-first and holds of each block all groups, in order
   * @throws IllegalArgumentException if so many segments can be none of these, one is too small, or
   *     the rank was told before
   */
  public EngineMemory rank(int rank, List<MemorySegment> memory) {
    List<LayerGroup> groups = model.groups();
    if (groups.size() > 1 && memory.size() == 1) {
      return flat(rank, memory);
    }
    int[] counts = counts(memory.size());
    int from = 0;
    for (int group = 0; group < groups.size(); group++) {
      rank(rank, group, memory.subList(from, from + counts[group]));
      from += counts[group];
    }
    return this;
  }

  /** Tells all that one rank holds; see {@link #rank(int, List)}. */
  public EngineMemory rank(int rank, MemorySegment... memory) {
    return rank(rank, List.of(memory));
  }

  /**
   * Tells what one rank holds of one group of layers.
   *
   * @param rank which rank, from 0
   * @param group which group of the model, from 0
   * @param memory as {@link PoolPart#memory}
   */
  public EngineMemory rank(int rank, int group, List<MemorySegment> memory) {
    claim(rank, group);
    LayerGroup layers = model.groups().get(group);
    var spec =
        new PoolSpec(layout, layers.layers(), layers.tensors(), blocks, model.chunkBytes(layers));
    int firstLayer = model.groups().subList(0, group).stream().mapToInt(LayerGroup::layers).sum();
    parts.add(
        new PoolPart(
            spec, memory, model.groupOffset(rank, group), firstLayer, layers.shared() && rank > 0,
            device));
    return this;
  }

  /** All groups in one segment: the rank's part of a block is in one piece, as the store has it. */
  private EngineMemory flat(int rank, List<MemorySegment> memory) {
    boolean shared = model.groups().stream().allMatch(LayerGroup::shared);
    boolean mixed = !shared && model.groups().stream().anyMatch(LayerGroup::shared);
    if (layout != KvLayout.BLOCK_FIRST || (rank > 0 && mixed)) {
      throw new IllegalArgumentException(
          ("Rank %d holds %d groups of layers in one segment, which is known only block-first and "
              + "if all ranks hold groups alike: tell its groups one by one")
              .formatted(rank, model.groups().size()));
    }
    for (int group = 0; group < model.groups().size(); group++) {
      claim(rank, group);
    }
    int holder = shared ? 0 : rank;
    var spec = new PoolSpec(layout, 1, 1, blocks, model.rankBytes(holder));
    parts.add(new PoolPart(spec, memory, model.rankOffset(holder), 0, shared && rank > 0, device));
    return this;
  }

  private void claim(int rank, int group) {
    Objects.checkIndex(rank, told.length);
    Objects.checkIndex(group, told[rank].length);
    if (told[rank][group]) {
      throw new IllegalArgumentException(
          "Rank %d has told of group %d of layers before".formatted(rank, group));
    }
    told[rank][group] = true;
  }

  /** {@return how many of so many segments each group has} */
  private int[] counts(int segments) {
    List<LayerGroup> groups = model.groups();
    int[] one = groups.stream().mapToInt(_ -> 1).toArray();
    int[] layers = groups.stream().mapToInt(LayerGroup::layers).toArray();
    int[] tensors = groups.stream().mapToInt(g -> g.layers() * g.tensors()).toArray();
    for (int[] counts : List.of(one, layers, tensors)) {
      if (Arrays.stream(counts).sum() == segments) {
        return counts;
      }
    }
    throw new IllegalArgumentException(
        ("%d segments are neither one for each group of layers (%d), nor for each layer (%d), nor "
            + "for each layer and tensor (%d)").formatted(
                segments, one.length, Arrays.stream(layers).sum(), Arrays.stream(tensors).sum()));
  }

  /**
   * {@return what a store is told of}
   *
   * @throws IllegalStateException if a rank has not told of everything
   */
  public List<PoolPart> parts() {
    for (int rank = 0; rank < told.length; rank++) {
      for (int group = 0; group < told[rank].length; group++) {
        if (!told[rank][group]) {
          throw new IllegalStateException(
              "Rank %d of %d has not told where its group %d of layers is"
                  .formatted(rank, told.length, group));
        }
      }
    }
    return List.copyOf(parts);
  }
}
