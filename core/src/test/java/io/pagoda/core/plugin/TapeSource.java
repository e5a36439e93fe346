package io.pagoda.core.plugin;

/** The sources of a plugin: a tier of type {@code tape}. */
final class TapeSource {
  static final String PROVIDES =
      "provides io.pagoda.spi.tier.TierProvider with com.acme.tape.TapeTierProvider;";

  static final String PROVIDER = """
      package com.acme.tape;

      import io.pagoda.spi.Availability;
      import io.pagoda.spi.Host;
      import io.pagoda.spi.Settings;
      import io.pagoda.spi.tier.StorageTier;
      import io.pagoda.spi.tier.TierProvider;

      public final class TapeTierProvider implements TierProvider {
        public TapeTierProvider() {}

        @Override
        public String type() {
          return "tape";
        }

        @Override
        public Availability availability() {
          return Availability.READY;
        }

        @Override
        public StorageTier open(Settings settings, Host host) {
          return new TapeTier(settings.integer("blocks"), host.blockBytes());
        }
      }
      """;

  static final String TIER = """
      package com.acme.tape;

      import io.pagoda.spi.tier.BatchResult;
      import io.pagoda.spi.tier.BlockBatch;
      import io.pagoda.spi.tier.Completion;
      import io.pagoda.spi.tier.Medium;
      import io.pagoda.spi.tier.StorageTier;
      import io.pagoda.spi.tier.TierSpec;

      final class TapeTier implements StorageTier {
        private final TierSpec spec;

        TapeTier(int blocks, long blockBytes) {
          spec = new TierSpec(Medium.DISK, blocks, blockBytes, 1, 1);
        }

        @Override
        public TierSpec spec() {
          return spec;
        }

        @Override
        public void load(BlockBatch batch, Completion completion) {
          completion.complete(BatchResult.COMPLETE);
        }

        @Override
        public void store(BlockBatch batch, Completion completion) {
          completion.complete(BatchResult.COMPLETE);
        }

        @Override
        public void close() {}
      }
      """;

  private TapeSource() {}
}
