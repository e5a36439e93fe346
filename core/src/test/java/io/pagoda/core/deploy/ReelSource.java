package io.pagoda.core.deploy;

/** The source of a tier for {@code com.acme.tape} that does keep what it is given. */
final class ReelSource {
  /** A tier that keeps what it is given, on a thread of its own. */
  static final String TIER = """
      package com.acme.tape;

      import io.pagoda.spi.tier.BatchResult;
      import io.pagoda.spi.tier.BlockBatch;
      import io.pagoda.spi.tier.Completion;
      import io.pagoda.spi.tier.Medium;
      import io.pagoda.spi.tier.StorageTier;
      import io.pagoda.spi.tier.TierSpec;
      import java.lang.foreign.Arena;
      import java.lang.foreign.MemorySegment;
      import java.util.concurrent.ExecutorService;
      import java.util.concurrent.Executors;

      final class TapeTier implements StorageTier {
        private final Arena arena = Arena.ofShared();
        private final ExecutorService motor = Executors.newSingleThreadExecutor();
        private final MemorySegment tape;
        private final TierSpec spec;
        private boolean closed;

        TapeTier(int blocks, long blockBytes) {
          spec = new TierSpec(Medium.DISK, blocks, blockBytes, 1, 8);
          tape = arena.allocate(blocks * blockBytes);
          tape.fill((byte) 77);
        }

        @Override
        public TierSpec spec() {
          return spec;
        }

        private MemorySegment at(BlockBatch batch, int i) {
          long from = batch.slot(i) * spec.blockBytes() + batch.rangeOffset();
          return tape.asSlice(from, batch.rangeBytes());
        }

        @Override
        public void load(BlockBatch batch, Completion completion) {
          run(batch, completion, i -> batch.memory(i).copyFrom(at(batch, i)));
        }

        @Override
        public void store(BlockBatch batch, Completion completion) {
          run(batch, completion, i -> at(batch, i).copyFrom(batch.memory(i)));
        }

        private synchronized void run(
            BlockBatch batch, Completion completion, java.util.function.IntConsumer each) {
          if (closed) {
            throw new IllegalStateException("the tape is out");
          }
          batch.checkFits(spec);
          motor.execute(() -> {
            for (int i = 0; i < batch.size(); i++) {
              each.accept(i);
            }
            completion.complete(BatchResult.COMPLETE);
          });
        }

        @Override
        public synchronized void close() {
          if (!closed) {
            closed = true;
            motor.close();
            arena.close();
          }
        }
      }
      """;

  private ReelSource() {}
}
