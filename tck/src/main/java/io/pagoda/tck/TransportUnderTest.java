package io.pagoda.tck;

import io.pagoda.spi.transport.Transport;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;

/** Says which transport the tests of its contract are run against. */
@ExtendWith(Seeded.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
public interface TransportUnderTest {
  /**
   * Opens a transport; the test closes it. What {@link Transport#listen} gives is reached by the
   * others of this test.
   *
   * @param name how it calls itself
   */
  Transport open(String name);

  /**
   * {@return whether to repeat things as often, and look as long, as finds what happens seldom}
   * Every sentence of the contract is tried without it, too. Where several ways of moving bytes
   * have most of their code in common, one that is tried thoroughly may be enough.
   */
  default boolean thorough() {
    return true;
  }

  /** {@return how long a small batch, a connection or a close may take before its test fails} */
  default Duration patience() {
    return Duration.ofSeconds(30);
  }
}
