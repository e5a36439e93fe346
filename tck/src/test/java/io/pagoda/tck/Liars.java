package io.pagoda.tck;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.Addressable;
import io.pagoda.spi.tier.BatchResult;
import io.pagoda.spi.tier.BlockBatch;
import io.pagoda.spi.tier.Completion;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.spi.tier.TierSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Tiers that break one promise each, under test by the contract. */
final class Liars {
  private Liars() {}

  /** The contract with little patience. */
  interface Impatient extends StorageTierContract {
    @Override
    default Duration patience() {
      return Duration.ofMillis(500);
    }
  }

  /** Breaks none: the control. */
  static class Honest implements StorageTierContract {
    @Override
    public StorageTier open() {
      return new Liar();
    }
  }

  /** Reads half of what it was asked for, and calls it success. */
  static class ReadsShort implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          super.load(batch.range(0, Math.max(1, batch.rangeBytes() / 2)), completion);
        }
      };
    }
  }

  /** Completes a load twice. */
  static class CompletesTwice implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          super.load(batch, completion);
          completion.complete(BatchResult.COMPLETE);
        }
      };
    }
  }

  /** Never completes a store to slot 7. */
  static class NeverCompletes implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void store(BlockBatch batch, Completion completion) {
          super.store(batch, batch.slot(batch.size() - 1) == 7 ? Liar::ignore : completion);
        }
      };
    }

    @Override
    public Duration patience() {
      return Duration.ofMillis(100);
    }
  }

  /** Completes a load before the bytes are there. */
  static class CompletesLoadsEarly implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          batch.checkFits(spec());
          completion.complete(BatchResult.COMPLETE);
          super.load(batch, Liar::ignore);
        }
      };
    }
  }

  /** Completes a store before it has read the bytes. */
  static class CompletesStoresEarly implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void store(BlockBatch batch, Completion completion) {
          batch.checkFits(spec());
          completion.complete(BatchResult.COMPLETE);
          super.store(batch, Liar::ignore);
        }
      };
    }
  }

  /** Writes one byte more than it was asked for. */
  static class WritesBeside implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          super.load(batch, ended -> oneMore(batch, ended, completion));
        }
      };
    }

    private static void oneMore(BlockBatch batch, BatchResult ended, Completion completion) {
      long after = batch.offset(0) + batch.rangeBytes();
      batch.memory().set(ValueLayout.JAVA_BYTE, after, (byte) 0);
      completion.complete(ended);
    }
  }

  /** Goes on as if it had never been closed. */
  static class IgnoresClose implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void close() {}
      };
    }
  }

  /** Takes slot −1 for slot 0. */
  static class AcceptsSlotMinusOne implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          int[] all = IntStream.range(0, batch.size()).toArray();
          int[] slots = IntStream.of(all).map(i -> Math.max(0, batch.slot(i))).toArray();
          super.load(of(batch, all, slots), completion);
        }
      };
    }
  }

  /** Checks each block when its turn comes: a refused batch has moved the blocks before. */
  static class MovesPartOfARefusedBatch implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void store(BlockBatch batch, Completion completion) {
          for (int i = 0; i < batch.size(); i++) {
            super.store(only(batch, i), Liar::ignore);
          }
          completion.complete(BatchResult.COMPLETE);
        }
      };
    }
  }

  /** Refuses a batch, and completes it as well. */
  static class CompletesWhatItRefuses implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          try {
            super.load(batch, completion);
          } catch (IndexOutOfBoundsException refused) {
            var cause = new PagodaException(Fault.PERMANENT, "no such slot", refused);
            completion.complete(new BatchResult.Failed(cause));
            throw refused;
          }
        }
      };
    }
  }

  /** Brings the first two blocks of a batch to each other's place. */
  static class SwapsSlots implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          super.load(batch.size() < 2 ? batch : swapped(batch), completion);
        }
      };
    }

    private static BlockBatch swapped(BlockBatch batch) {
      int[] all = IntStream.range(0, batch.size()).toArray();
      int[] slots = IntStream.of(all).map(i -> batch.slot(i < 2 ? 1 - i : i)).toArray();
      return Liar.of(batch, all, slots);
    }
  }

  /** Stores every range at the start of its block. */
  static class ForgetsTheRangeOffset implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void store(BlockBatch batch, Completion completion) {
          batch.checkFits(spec());
          for (int i = 0; i < batch.size(); i++) {
            long to = truth.offset(batch.slot(i));
            truth.memory().asSlice(to, batch.rangeBytes()).copyFrom(batch.memory(i));
          }
          completion.complete(BatchResult.COMPLETE);
        }
      };
    }
  }

  /** Loads a slot once per batch, however often it is asked for. */
  static class LoadsASlotOnce implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          batch.checkFits(spec());
          var first = new HashMap<Integer, Integer>();
          for (int i = 0; i < batch.size(); i++) {
            first.putIfAbsent(batch.slot(i), i);
          }
          first.values().forEach(i -> super.load(only(batch, i), Liar::ignore));
          completion.complete(BatchResult.COMPLETE);
        }
      };
    }
  }

  /** Closes while large batches are in flight, which never end. */
  static class ClosesTooSoon implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          super.load(batch, batch.size() == spec().slots() ? Liar::ignore : completion);
        }
      };
    }
  }

  /** Clears the memory of a store when it is done. */
  static class SpoilsItsSource implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void store(BlockBatch batch, Completion completion) {
          super.store(batch, ended -> {
            batch.memory(0).fill((byte) 0);
            completion.complete(ended);
          });
        }
      };
    }
  }

  /** Writes to the memory of a load when it is no longer its own. */
  static class WritesAfterCompletion implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          super.load(batch, completion);
          batch.memory(0).set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
        }
      };
    }
  }

  /** Remembers what it first loaded from a slot, and loads that for ever. */
  static class LoadsStaleBytes implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        private final Map<Integer, byte[]> cache = new HashMap<>();

        @Override
        public synchronized void load(BlockBatch batch, Completion completion) {
          super.load(batch, Liar::ignore);
          for (int i = 0; batch.rangeBytes() == spec().blockBytes() && i < batch.size(); i++) {
            MemorySegment block = batch.memory(i);
            byte[] first =
                cache.computeIfAbsent(batch.slot(i), _ -> block.toArray(ValueLayout.JAVA_BYTE));
            block.copyFrom(MemorySegment.ofArray(first));
          }
          completion.complete(BatchResult.COMPLETE);
        }
      };
    }
  }

  /** Cannot take a batch from a completion: it holds a permit while it completes. */
  static class BlocksInCompletions implements Impatient {
    @Override
    public StorageTier open() {
      var permit = new Semaphore(1);
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          permit.acquireUninterruptibly();
          try {
            super.load(batch, completion);
          } finally {
            permit.release();
          }
        }

        @Override
        public void store(BlockBatch batch, Completion completion) {
          permit.acquireUninterruptibly();
          try {
            super.store(batch, completion);
          } finally {
            permit.release();
          }
        }
      };
    }

    @Override
    public Duration patience() {
      return Duration.ofMillis(200);
    }
  }

  /** Reports failure, though it has done what it was asked for. */
  static class FailsWithoutReason implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          var cause = new PagodaException(Fault.TRANSIENT, "no reason");
          super.load(batch, _ -> completion.complete(new BatchResult.Failed(cause)));
        }
      };
    }
  }

  /** Offers fewer slots at every call. */
  static class ChangesItsSpec implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        private int calls;

        @Override
        public synchronized TierSpec spec() {
          TierSpec spec = super.spec();
          return new TierSpec(
              spec.medium(), spec.slots(), spec.blockBytes(), spec.alignment(), 64 - calls++ / 2);
        }
      };
    }
  }

  /** Says that its slots are memory which they are not. */
  static class LiesAboutItsMemory implements Impatient {
    @Override
    public StorageTier open() {
      class Boastful extends Liar implements Addressable {
        @Override
        public MemorySegment memory() {
          return truth.memory();
        }

        @Override
        public long offset(int slot) {
          return Objects.checkIndex(slot ^ 1, spec().slots()) * spec().blockBytes();
        }
      }

      return new Boastful();
    }
  }

  /** Takes one batch at a time, and whoever brings the next waits until the last was told of. */
  static class BlocksItsCaller implements Impatient {
    @Override
    public StorageTier open() {
      var one = new ReentrantLock();
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          one.lock();
          try {
            super.load(batch, completion);
          } finally {
            one.unlock();
          }
        }
      };
    }
  }

  /** Looks at a batch in a thread of its own, where nobody hears it refuse. */
  static class ThrowsFromAnotherThread implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        @Override
        public void load(BlockBatch batch, Completion completion) {
          Thread.ofVirtual()
              .uncaughtExceptionHandler((_, _) -> {})
              .start(() -> super.load(batch, completion));
        }
      };
    }

    @Override
    public Duration patience() {
      return Duration.ofMillis(200);
    }
  }

  /** Keeps what it was given to store, and copies it when somebody wants to load. */
  static class KeepsTheBufferOfAStore implements Impatient {
    @Override
    public StorageTier open() {
      return new Liar() {
        private final Queue<BlockBatch> kept = new ConcurrentLinkedQueue<>();

        @Override
        public void store(BlockBatch batch, Completion completion) {
          batch.checkFits(spec());
          kept.add(batch);
          completion.complete(BatchResult.COMPLETE);
        }

        @Override
        public void load(BlockBatch batch, Completion completion) {
          for (BlockBatch late = kept.poll(); late != null; late = kept.poll()) {
            super.store(late, Liar::ignore);
          }
          super.load(batch, completion);
        }
      };
    }
  }

  /** Opens a file and never closes it: one instance for all, or a collector would close some. */
  @TestInstance(Lifecycle.PER_CLASS)
  static class LeaksADescriptor implements Impatient {
    private final Queue<FileChannel> left = new ConcurrentLinkedQueue<>();

    @Override
    public StorageTier open() {
      try {
        left.add(FileChannel.open(Path.of("/dev/null")));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new Liar();
    }
  }

  /** Starts a thread that never ends. */
  static class LeaksAThread implements Impatient {
    @Override
    public StorageTier open() {
      Thread.ofPlatform().daemon().start(LeaksAThread::stay);
      return new Liar();
    }

    private static void stay() {
      while (true) {
        LockSupport.park();
      }
    }
  }
}
