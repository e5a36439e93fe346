package io.pagoda.tier.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.device.Stripe;
import io.pagoda.tier.gpu.View.Grid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Chunks at equal distances, told as rows. */
class GridTest {
  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  private static List<Stripe> layers(int count, long distance, long chunk) {
    List<Stripe> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      layers.add(new Stripe((1L << 30) + i * distance, chunk, i * chunk, chunk));
    }
    return layers;
  }

  @Test
  void layersOfOneTensorAreOneGrid() {
    View view = View.of(layers(160, 1 << 20, 16 << 10));
    assertEquals(
        List.of(new Grid(1L << 30, 16 << 10, 1 << 20, 0, 16 << 10, 160)), view.grids(_ -> 0));
    assertEquals(160L * (16 << 10), view.shape().grid());
    assertEquals(16 << 10, view.shape().chunk());
  }

  @Test
  void distancesThatDifferOrAreTooLargeOrGoBackEndAGrid() {
    List<Stripe> two = layers(3, 1 << 20, 4096);
    two.add(new Stripe(1L << 40, 4096, 3 * 4096, 4096));
    assertEquals(
        List.of(3, 1), View.of(two).grids(_ -> 0).stream().map(Grid::rows).toList(), "too far");
    assertEquals(4, View.of(layers(4, 3L << 30, 4096)).grids(_ -> 0).size(), "a pitch of 3 GiB");
    assertEquals(4, View.of(layers(4, -8192, 4096)).grids(_ -> 0).size(), "backwards");
    assertEquals(
        List.of(1, 4),
        View.of(layers(5, 1 << 20, 4096))
            .grids(address -> Math.min(address, (1L << 30) + 1))
            .stream()
            .map(Grid::rows)
            .toList(),
        "another allocation");
  }

  /** Whatever the stripes are, rows are the same bytes at the same places. */
  @RepeatedTest(200)
  void gridsHoldEveryStripeOnce() {
    List<Stripe> stripes = new ArrayList<>();
    long offset = random.nextLong(0, 100);
    long address = 4096;
    while (stripes.size() < 40) {
      long chunk = random.nextLong(1, 9);
      long distance = chunk + random.nextLong(0, 5);
      for (int i = random.nextInt(1, 9); i > 0; i--) {
        stripes.add(new Stripe(address, 100, offset, chunk));
        address += distance;
        offset += chunk;
      }
      offset += random.nextLong(0, 2);
      address += random.nextLong(0, 1000);
    }
    List<Stripe> expected = List.copyOf(stripes);
    Collections.shuffle(stripes, new Random(seed));
    List<Stripe> told = new ArrayList<>();
    for (Grid grid : View.of(stripes).grids(_ -> 0)) {
      for (int row = 0; row < grid.rows(); row++) {
        told.add(
            new Stripe(
                grid.address() + row * grid.pitch(), grid.stride(),
                grid.offset() + row * grid.bytes(), grid.bytes()));
      }
    }
    assertEquals(expected, told, "seed " + seed);
    assertTrue(View.of(expected).grids(_ -> 0).size() <= expected.size(), "seed " + seed);
  }
}
