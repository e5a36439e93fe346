package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.Keyed.Consent;
import io.pagoda.spi.tier.Recoverable.SealShape;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Cleaning takes the oldest objects of the tier that nobody uses, and no others. */
class ObjectCleanerTest {
  private static final int OBJECTS = 2_500;

  private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final Map<String, Long> written = new ConcurrentHashMap<>();
  private final ObjectShape shape = ObjectShape.of(100, new SealShape(1, 1), 0);
  private final ObjectNames names = new ObjectNames("test/x", shape.fingerprint(), 2);

  private final MemoryBucket bucket = new MemoryBucket(objects) {
    @Override
    public CompletionStage<Page> list(String prefix, String after, int most, Try one) {
      return super.list(prefix, after, most, one).thenApply(
          page -> new Page(
              page.objects()
                  .stream()
                  .map(
                      each -> new Listed(
                          each.name(), each.bytes(), written.getOrDefault(each.name(), 0L)))
                  .toList(),
              page.more()));
    }
  };

  private String name(long block) {
    long[] key = Member.key(block);
    return names.of(key[0], key[1]);
  }

  private long clean(long capacity, Consent consent) {
    return clean(Rig.settings(), shape, capacity, consent);
  }

  private long clean(ObjectSettings settings, ObjectShape of, long capacity, Consent consent) {
    var requests = new Requests("clean", Rig.patience(), 4, new Tally(), Runnable::run);
    try (requests;
        Context context = Context.of(bucket, requests, settings, of)) {
      return new Cleaner(context, consent, capacity).clean();
    }
  }

  private void fill() {
    for (long i = 1; i <= OBJECTS; i++) {
      objects.put(name(i), new byte[100]);
      written.put(name(i), i * 1_000);
    }
  }

  @Test
  void deletesTheOldest() {
    fill();
    objects.put("test/x/readme", new byte[1]);
    objects.put("other/" + name(1), new byte[100]);
    assertEquals(0, clean(OBJECTS * 100, (_, refused) -> refused.accept(new BitSet())));
    long gone = clean(100_000, (_, refused) -> refused.accept(new BitSet()));
    assertEquals(OBJECTS - 950, gone);
    for (long i = 1; i <= OBJECTS; i++) {
      assertEquals(i > gone, objects.containsKey(name(i)), "object " + i);
    }
    assertTrue(objects.keySet().containsAll(List.of("test/x/readme", "other/" + name(1))));
  }

  @Test
  void leavesWhatIsUsed() {
    fill();
    long gone = clean(100_000, (keys, refused) -> {
      var used = new BitSet();
      for (int i = 0; i < keys.length / 2; i++) {
        used.set(i, keys[2 * i + 1] % 10 == 0);
      }
      refused.accept(used);
    });
    assertTrue(gone >= 1_300 && gone <= 1_500, () -> "gone: " + gone);
    for (long i = 10; i <= OBJECTS; i += 10) {
      assertTrue(objects.containsKey(name(i)), "object " + i);
    }
  }

  @Test
  void asksForEveryBlockOfAnObject() {
    var settings = Rig.runs(4);
    try (Member member = new Member(settings, new MemoryBucket(objects))) {
      member.storeAt(0, LongStream.range(0, 18).toArray());
    }
    assertEquals(4 + 2, objects.size());
    List<Long> asked = new ArrayList<>();
    long gone = clean(
        settings, ObjectShape.of(Rig.BLOCK_BYTES, new SealShape(1, 1), 0), 0, (keys, refused) -> {
          var used = new BitSet();
          for (int i = 0; i < keys.length / 2; i++) {
            asked.add(keys[2 * i + 1]);
            // Within the second object and the fourth, and a block of its own.
            used.set(i, List.of(5L, 15L, 17L).contains(keys[2 * i + 1]));
          }
          refused.accept(used);
        });
    assertEquals(18, asked.size());
    assertTrue(asked.indexOf(3L) < asked.indexOf(2L), "the last of a prefix goes first");
    assertEquals(3, gone);
    try (Member member = new Member(settings, new MemoryBucket(objects))) {
      assertEquals(0, member.find(LongStream.range(0, 4).toArray()));
      assertEquals(BatchResult.COMPLETE, member.load(4, 5, 6, 7, 12, 13, 14, 15, 17));
    }
  }
}
