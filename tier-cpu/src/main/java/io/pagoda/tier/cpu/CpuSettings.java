package io.pagoda.tier.cpu;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Settings;
import io.pagoda.spi.tier.Medium;
import io.pagoda.spi.tier.TierSpec;

/**
 * What a tier is set to.
 *
 * @param slots how many blocks it holds
 * @param blockBytes bytes of each
 * @param hugePages which pages its memory is made of
 * @param preTouch whether every page is brought into being when the tier opens
 */
record CpuSettings(int slots, long blockBytes, HugePages hugePages, boolean preTouch) {
  /** Checks that the memory has an address range. */
  CpuSettings {
    if (blockBytes > Long.MAX_VALUE / 4 / slots) {
      throw new PagodaException(
          Fault.PERMANENT,
          "No machine has room for %d blocks of %d bytes".formatted(slots, blockBytes));
    }
  }

  static CpuSettings from(Settings settings, long blockBytes) {
    return new CpuSettings(
        TierSpec.slots(settings, blockBytes), blockBytes,
        settings.choice("huge-pages", HugePages.class), settings.flag("pre-touch"));
  }

  /** {@return what a tier of these settings is} */
  TierSpec spec() {
    int processors = Runtime.getRuntime().availableProcessors();
    return new TierSpec(Medium.HOST, slots, blockBytes, 1, processors);
  }

  long bytes() {
    return slots * blockBytes;
  }
}
