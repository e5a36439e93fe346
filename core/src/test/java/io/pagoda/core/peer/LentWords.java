package io.pagoda.core.peer;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Lends whatever it is asked for, always at the same place, and counts. */
final class LentWords implements Lender {
  static final long BLOCK = 64;

  final List<BlockKey> doubted = new CopyOnWriteArrayList<>();
  final Lock thinking = new ReentrantLock();
  volatile boolean recalls;
  private final AtomicInteger lent = new AtomicInteger();
  private final MemorySegment memory = MemorySegment.ofArray(new byte[(int) BLOCK]);

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public int held(BlockKeys keys) {
    return keys.size();
  }

  @Override
  public Loan lend(BlockKeys keys, Duration patience, Runnable recall) {
    int count = keys.size();
    lent.addAndGet(count);
    if (recalls) {
      recall.run();
    }
    return new Loan(new byte[count], new long[count], new int[count], () -> lent.addAndGet(-count));
  }

  @Override
  public int lent() {
    return lent.get();
  }

  @Override
  public BlockKeys some(int most) {
    return BlockKeys.of(List.of());
  }

  @Override
  public void doubt(BlockKeys keys) {
    thinking.lock();
    try {
      for (int i = 0; i < keys.size(); i++) {
        doubted.add(keys.key(i));
      }
    } finally {
      thinking.unlock();
    }
  }
}
