package io.pagoda.tier.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ByteSize;
import io.pagoda.spi.Availability;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierProvider;
import io.pagoda.spi.tier.TierSpec;
import io.pagoda.tck.Pattern;
import io.pagoda.tck.Seeded;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a tier in host memory promises beyond the contract. */
class CpuTierTest {
  private static CpuTier open(int slots, long blockBytes) {
    return CpuTier.open(new CpuSettings(slots, blockBytes, HugePages.AUTO, true), "host");
  }

  private static BlockBatch batch(MemorySegment memory, long blockBytes) {
    return BlockBatch.of(memory, new long[1], new int[1], new long[2], blockBytes);
  }

  @Test
  void isFoundByItsType() {
    CpuTierTest.class.getModule().addUses(TierProvider.class);
    var provider = ServiceLoader.load(TierProvider.class)
        .stream()
        .map(ServiceLoader.Provider::get)
        .filter(one -> one.type().equals("cpu"))
        .findFirst()
        .orElseThrow();
    assertInstanceOf(CpuTierProvider.class, provider);
    assertEquals(Availability.READY, provider.availability());
  }

  @Test
  void opensAsItsSettingsSay() {
    Map<String, Object> values = Map
        .of("capacity", ByteSize.ofMebibytes(1), "huge-pages", HugePages.OFF, "pre-touch", false);
    var settings = CpuSettings.from(settings(values), 65_000);
    assertEquals(new CpuSettings(16, 65_000, HugePages.OFF, false), settings);
  }

  /** {@return settings that answer every question with the value of its key} */
  private static Settings settings(Map<String, Object> values) {
    return (Settings) Proxy.newProxyInstance(
        CpuTierTest.class.getClassLoader(), new Class<?>[] {Settings.class},
        (_, method, arguments) -> {
          String key = (String) arguments[0];
          return method.getName().equals("has") ? values.containsKey(key) : values.get(key);
        });
  }

  @Test
  void slotsFollowEachOtherFromTheStartOfAPage() {
    try (var tier = open(8, 12_288)) {
      assertEquals(new TierSpec(Medium.HOST, 8, 12_288, 1, tier.spec().batches()), tier.spec());
      var addressable = tier.ability(Addressable.class).orElseThrow();
      assertEquals(8 * 12_288, addressable.memory().byteSize());
      for (int slot = 0; slot < 8; slot++) {
        assertEquals(slot * 12_288L, addressable.offset(slot));
        assertEquals(0, (addressable.memory().address() + addressable.offset(slot)) % 4_096);
      }
    }
  }

  @Test
  void aBatchIsCompleteWhenTheCallReturnsOnTheCallersThread() {
    try (var tier = open(8, 100_000);
        var arena = Arena.ofConfined()) {
      var threads = new ArrayList<Thread>();
      var batch = batch(arena.allocate(100_000), 100_000);
      tier.store(batch, _ -> threads.add(Thread.currentThread()));
      tier.load(batch, _ -> threads.add(Thread.currentThread()));
      assertEquals(2, threads.size());
      threads.forEach(thread -> assertEquals(Thread.currentThread(), thread));
    }
  }

  @Test
  void memoryOnTheHeapIsMemoryToo() {
    try (var tier = open(8, 100_000)) {
      var source = MemorySegment.ofArray(new byte[100_000]);
      var target = MemorySegment.ofArray(new byte[100_000]);
      Pattern.write(source, 5);
      tier.store(batch(source, 100_000), _ -> {});
      tier.load(batch(target, 100_000), _ -> {});
      assertEquals(-1, source.mismatch(target));
    }
  }

  @Test
  void cannotBeClosedFromItsOwnCompletion() {
    try (var tier = open(8, 1_000);
        var arena = Arena.ofConfined()) {
      var batch = batch(arena.allocate(1_000), 1_000);
      Runnable closing = tier::close;
      var refusal =
          assertThrows(IllegalStateException.class, () -> tier.load(batch, _ -> closing.run()));
      assertTrue(refusal.toString().contains("from a completion"), refusal::toString);
    }
  }

  @Test
  @ExtendWith(Seeded.class)
  void everySizeIsCopiedWholeAndAlone(Random random) {
    long most = CopyEngine.STREAMED_FROM_BYTES + 4_096;
    try (var arena = Arena.ofConfined()) {
      MemorySegment from = arena.allocate(most + 256);
      MemorySegment to = arena.allocate(most + 256);
      MemorySegment image = arena.allocate(most + 256);
      Pattern.write(from, 1);
      for (long bytes : sizes()) {
        long source = random.nextLong(128);
        long target = random.nextLong(128);
        Pattern.write(to, 2);
        image.copyFrom(to);
        image.asSlice(target, bytes).copyFrom(from.asSlice(source, bytes));
        CopyEngine.copy(from, source, to, target, bytes);
        assertEquals(-1, to.mismatch(image), () -> bytes + " bytes");
      }
    }
  }

  private static long[] sizes() {
    long small = CopyEngine.NATIVE_FROM_BYTES;
    long large = CopyEngine.STREAMED_FROM_BYTES;
    return new long[] {1, 7, small - 1, small, small + 1, 65_536, large - 1, large, large + 1};
  }
}
