package io.pagoda.core.graph;

import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.spi.tier.Recoverable.SealShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A block cut into sections, so that its first layers can arrive before its last. Each section has
 * a checksum of its own: what has arrived of a block is verified before the rest is there.
 *
 * <p>Sections are cut at multiples of a unit, since devices read whole units. A unit with bytes of
 * several layers belongs to the section that needs it first, so a layer is complete when its own
 * section and all earlier ones are.
 *
 * @param blockBytes bytes of a block
 * @param list the sections, in the order of the layers; together they hold every byte once
 */
public record Sections(long blockBytes, List<Section> list) {
  /** Copies the list. */
  public Sections {
    list = List.copyOf(list);
  }

  /**
   * A section.
   *
   * @param ranges where its bytes are in a block, in order
   */
  public record Section(List<Range> ranges) {
    /** Copies the ranges. */
    public Section {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * Consecutive bytes of a block.
   *
   * @param offset the first of them
   * @param bytes how many
   */
  public record Range(long offset, long bytes) {}

  /** {@return a block that arrives as a whole} */
  public static Sections whole(long blockBytes) {
    return new Sections(blockBytes, List.of(new Section(List.of(new Range(0, blockBytes)))));
  }

  /**
   * Returns the blocks of a model, cut by layers.
   *
   * @param model the model
   * @param count how many sections, at least 1; no more than there are layers
   * @param unit what sections are multiples of, in bytes; layers that have no unit to themselves
   *     come with the section before
   */
  public static Sections of(ModelSpec model, int count, int unit) {
    int layers = model.layers();
    int sections = Math.clamp(count, 1, layers);
    int[] sectionOfLayer = new int[layers];
    for (int layer = 0; layer < layers; layer++) {
      sectionOfLayer[layer] = (int) ((long) layer * sections / layers);
    }
    int units = Math.toIntExact((model.blockBytes() + unit - 1) / unit);
    int[] sectionOfUnit = earliest(model, sectionOfLayer, units, unit);
    List<Section> list = new ArrayList<>();
    for (int section = 0; section < sections; section++) {
      List<Range> ranges = ranges(sectionOfUnit, section, unit, model.blockBytes());
      if (!ranges.isEmpty()) {
        list.add(new Section(ranges));
      }
    }
    return new Sections(model.blockBytes(), list);
  }

  private static int[] earliest(ModelSpec model, int[] sectionOfLayer, int units, int unit) {
    int[] sectionOfUnit = new int[units];
    Arrays.fill(sectionOfUnit, Integer.MAX_VALUE);
    for (int rank = 0; rank < model.tensorParallel(); rank++) {
      int layer = 0;
      for (int number = 0; number < model.groups().size(); number++) {
        LayerGroup group = model.groups().get(number);
        long bytes = model.chunkBytes(group) * group.tensors();
        long at = model.groupOffset(rank, number);
        for (int i = 0; i < group.layers(); i++, layer++, at += bytes) {
          int last = (int) ((at + bytes - 1) / unit);
          for (int u = (int) (at / unit); u <= last; u++) {
            sectionOfUnit[u] = Math.min(sectionOfUnit[u], sectionOfLayer[layer]);
          }
        }
      }
    }
    return sectionOfUnit;
  }

  private static List<Range> ranges(int[] sectionOfUnit, int section, int unit, long blockBytes) {
    List<Range> ranges = new ArrayList<>();
    for (int from = 0; from < sectionOfUnit.length; from++) {
      int to = from;
      while (to < sectionOfUnit.length && sectionOfUnit[to] == section) {
        to++;
      }
      if (to > from) {
        long offset = (long) from * unit;
        ranges.add(new Range(offset, Math.min((long) to * unit, blockBytes) - offset));
        from = to;
      }
    }
    return ranges;
  }

  /** {@return how many sections there are, at least 1} */
  public int count() {
    return list.size();
  }

  /** {@return a section by its number} */
  public Section get(int section) {
    return list.get(section);
  }

  /** {@return what stores are sealed with} */
  public SealShape sealShape() {
    return new SealShape(count(), fingerprint());
  }

  /** {@return a number that differs, in all likelihood, if any range does; the same for ever} */
  public long fingerprint() {
    long mixed = mix(0, blockBytes);
    for (Section section : list) {
      mixed = mix(mixed, section.ranges().size());
      for (Range range : section.ranges()) {
        mixed = mix(mix(mixed, range.offset()), range.bytes());
      }
    }
    return mixed;
  }

  /** The finaliser of SplittableRandom, over the sum. */
  private static long mix(long before, long value) {
    long z = (before ^ value) + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
