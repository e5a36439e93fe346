package io.pagoda.remote.objects;

import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;

/** Tests of objects that have several blocks, in a bucket that is memory. */
@Timeout(600)
abstract class InRuns {
  static final int GROUP = 4;
  static final Secret SECRET = Secret.of("0f".repeat(32), "here");

  final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
  final MemoryBucket bucket = new MemoryBucket(objects);

  Member member(int group) {
    return new Member(Rig.runs(group), bucket);
  }

  static long[] names(long from, long to) {
    return LongStream.range(from, to).toArray();
  }
}
