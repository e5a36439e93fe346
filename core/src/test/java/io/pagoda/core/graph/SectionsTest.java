package io.pagoda.core.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ElementType;
import io.pagoda.LayerGroup;
import io.pagoda.ModelSpec;
import io.pagoda.core.graph.Sections.Range;
import io.pagoda.core.graph.Sections.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SectionsTest {
  private static final int UNIT = 4096;

  private static ModelSpec model(int layers, int tensorParallel) {
    var group = LayerGroup.separate(layers, 8, 128, ElementType.BF16);
    return new ModelSpec("model", List.of(group), 16, tensorParallel);
  }

  @Test
  void aBlockThatIsNotCutIsOneSection() {
    var sections = Sections.whole(100);
    assertEquals(List.of(new Section(List.of(new Range(0, 100)))), sections.list());
  }

  @Test
  void oneRankIsCutIntoOneRangeForEachSection() {
    Sections sections = Sections.of(model(32, 1), 16, UNIT);
    assertEquals(16, sections.count());
    assertEquals(List.of(new Range(131_072, 131_072)), sections.get(1).ranges());
  }

  @Test
  void eachRankHasARangeInEachSection() {
    Sections sections = Sections.of(model(32, 4), 8, UNIT);
    assertEquals(4, sections.get(0).ranges().size());
    assertEquals(new Range(0, 65_536), sections.get(0).ranges().getFirst());
  }

  @Test
  void layersSmallerThanAUnitShareASection() {
    var group = LayerGroup.shared(5, 8, ElementType.FP8);
    Sections sections = Sections.of(new ModelSpec("tiny", List.of(group), 1, 1), 5, UNIT);
    assertEquals(1, sections.count());
    assertEquals(List.of(new Range(0, 40)), sections.get(0).ranges());
  }

  /** Every byte is in one section, at a unit, and no later than its layer needs it. */
  @Test
  void everyByteIsInOneSectionAndNoneIsLate() {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    var random = new SplittableRandom(seed);
    for (int round = 0; round < 300; round++) {
      ModelSpec model = randomModel(random);
      int unit = 1 << random.nextInt(10);
      int count = 1 + random.nextInt(model.layers() + 2);
      check(model, Sections.of(model, count, unit), count, unit, "-Dpagoda.seed=" + seed);
    }
  }

  private static ModelSpec randomModel(SplittableRandom random) {
    int ranks = 1 << random.nextInt(3);
    List<LayerGroup> groups = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int layers = 1 + random.nextInt(5);
      int size = 1 + random.nextInt(20);
      groups.add(
          random.nextBoolean()
              ? LayerGroup.shared(layers, size, ElementType.FP16)
              : LayerGroup.separate(layers, 4 * ranks, size, ElementType.FP8));
    }
    return new ModelSpec("random", groups, 2, ranks);
  }

  private static void check(
      ModelSpec model, Sections sections, int count, int unit, String repeat) {
    int[] sectionOf = new int[(int) model.blockBytes()];
    for (int section = 0; section < sections.count(); section++) {
      for (Range range : sections.get(section).ranges()) {
        assertEquals(0, range.offset() % unit, repeat);
        for (long at = range.offset(); at < range.offset() + range.bytes(); at++) {
          assertEquals(0, sectionOf[(int) at], repeat);
          sectionOf[(int) at] = section + 1;
        }
      }
    }
    for (int section : sectionOf) {
      assertTrue(section > 0, repeat);
    }
    assertTrue(sections.count() <= Math.min(count, model.layers()), repeat);
    int layer = 0;
    for (int number = 0; number < model.groups().size(); number++) {
      LayerGroup group = model.groups().get(number);
      for (int i = 0; i < group.layers(); i++, layer++) {
        int latest = (int) ((long) layer * Math.min(count, model.layers()) / model.layers());
        for (int rank = 0; rank < model.tensorParallel(); rank++) {
          long bytes = model.chunkBytes(group) * group.tensors();
          long from = model.groupOffset(rank, number) + i * bytes;
          for (long at = from; at < from + bytes; at++) {
            assertTrue(sectionOf[(int) at] - 1 <= latest, repeat);
          }
        }
      }
    }
  }
}
