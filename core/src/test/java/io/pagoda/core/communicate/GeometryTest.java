package io.pagoda.core.communicate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.pagoda.KvLayout;
import io.pagoda.KvShard;
import io.pagoda.KvWrite;
import io.pagoda.PoolSpec;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GeometryTest {
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, 3, 2, 100, 512);

  private static Geometry geometry(PoolSpec spec, int segments) {
    return new Geometry("model", new Placement(spec, segments), KvShard.WHOLE);
  }

  private static int ranges(int[] local, int[] remote, int layer, long longest) {
    Geometry here = geometry(SPEC, 6);
    Geometry there = geometry(SPEC, 1);
    return here.ranges(new KvWrite(local, remote, layer, 0), there, here.with(there), longest)
        .size();
  }

  @Test
  void blocksThatFollowEachOtherOnBothSidesAreOneRange() {
    int[] inOrder = {10, 11, 12, 13};
    assertEquals(2, ranges(inOrder, new int[] {50, 51, 52, 53}, 1, Long.MAX_VALUE));
    assertEquals(6, ranges(inOrder, new int[] {50, 51, 52, 53}, -1, Long.MAX_VALUE));
    assertEquals(4, ranges(inOrder, new int[] {50, 51, 53, 54}, 1, Long.MAX_VALUE));
    assertEquals(8, ranges(inOrder, new int[] {53, 52, 51, 50}, 1, Long.MAX_VALUE));
    assertEquals(4, ranges(inOrder, new int[] {50, 51, 52, 53}, 1, 1024));
    assertEquals(16, ranges(inOrder, new int[] {50, 51, 52, 53}, 1, 256));
  }

  @Test
  void keysAndValuesThatLieSideBySideAreOneRange() {
    var spec = new PoolSpec(KvLayout.BLOCK_FIRST, 3, 2, 100, 512);
    Geometry here = geometry(spec, 1);
    KvWrite what = KvWrite.ofLayer(1, new int[] {7}, new int[] {9});
    assertEquals(
        3,
        geometry(spec, 1)
            .ranges(KvWrite.ofAllLayers(new int[] {7}, new int[] {9}), here, here.with(here), 1024)
            .size());
    assertEquals(2, here.ranges(what, here, here.with(here), 512).size());
  }

  /** Numbers of a stranger, of which the product is no number. */
  @Test
  void memoryThatNobodyHasIsRefused() throws IOException {
    Class<IllegalArgumentException> refused = IllegalArgumentException.class;
    byte[] said = Talk.bytes(out -> {
      out.writeUTF("model");
      out.writeUTF(KvLayout.LAYER_FIRST.name());
      out.writeInt(3);
      out.writeInt(2);
      out.writeInt(Integer.MAX_VALUE);
      out.writeLong(Long.MAX_VALUE / 16);
      for (int number : new int[] {1, 0, 1, 1}) {
        out.writeInt(number);
      }
    });
    var in = new DataInputStream(new ByteArrayInputStream(said));
    assertThrows(refused, () -> Geometry.read(in));
    var spec = new PoolSpec(KvLayout.LAYER_FIRST, 3, 2, 1, 1L << 40);
    var many = new KvShard(0, Integer.MAX_VALUE, 1);
    var there = new Geometry("model", new Placement(spec, 1), many);
    assertThrows(refused, () -> geometry(SPEC, 1).with(there));
  }

  @Test
  void blocksAndLayersThatThereAreNotAreRefused() {
    Class<IndexOutOfBoundsException> refused = IndexOutOfBoundsException.class;
    assertThrows(refused, () -> ranges(new int[] {100}, new int[] {0}, 0, 512));
    assertThrows(refused, () -> ranges(new int[] {0}, new int[] {100}, 0, 512));
    assertThrows(refused, () -> ranges(new int[] {-1}, new int[] {0}, 0, 512));
    assertThrows(refused, () -> ranges(new int[] {0}, new int[] {0}, 3, 512));
  }

  @Test
  void cachesOfOtherModelsAreRefused() {
    Geometry here = geometry(SPEC, 1);
    Geometry other = new Geometry("another", here.placement(), here.shard());
    Geometry fewer = geometry(new PoolSpec(KvLayout.LAYER_FIRST, 2, 2, 100, 512), 1);
    Geometry keys = geometry(new PoolSpec(KvLayout.LAYER_FIRST, 3, 1, 100, 512), 1);
    for (Geometry there : List.of(other, fewer, keys)) {
      assertThrows(IllegalArgumentException.class, () -> here.with(there));
    }
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    var greeting = new Greeting("prefill-3", geometry(SPEC, 6), List.of("rdma", "tcp"));
    assertEquals(greeting, Greeting.decode(greeting.encode()));
  }

  /** Whatever comes is read or refused, and never anything else. */
  @Test
  void greetingsThatWereChangedAreReadOrRefused() throws IOException {
    byte[] right = new Greeting("p", geometry(SPEC, 3), List.of("tcp")).encode();
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] wrong = Arrays.copyOf(right, random.nextInt(right.length + 1));
      for (int n = random.nextInt(4); n > 0 && wrong.length > 0; n--) {
        wrong[random.nextInt(wrong.length)] = (byte) random.nextInt();
      }
      try {
        Greeting.decode(wrong);
      } catch (IOException | IllegalArgumentException | ArithmeticException _) {
        // That is what is asked for.
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ", try " + i, e);
      }
    }
    assertThrows(EOFException.class, () -> Greeting.decode(Arrays.copyOf(right, right.length - 1)));
  }
}
