package io.pagoda.tck;

import io.pagoda.spi.tier.StorageTier;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;

/** Says which tier the tests of a contract are run against. */
@ExtendWith(Seeded.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
public interface TierUnderTest {
  /** {@return a new tier of at least 8 slots, all empty; the test closes it} */
  StorageTier open();

  /** {@return how long a batch or a close may take before its test fails} */
  default Duration patience() {
    return Duration.ofSeconds(30);
  }
}
