package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** A test that fails says which seed repeats it. */
class SeededTest {
  /** Fails, and tells what it was given. */
  @ExtendWith(Seeded.class)
  static class Failing {
    @Test
    void fails(Random random) {
      throw new IllegalStateException(Long.toString(random.nextLong()));
    }
  }

  @Test
  void aFailureCarriesItsSeed() {
    Throwable failure = failure();
    String advice = failure.getSuppressed()[0].toString();
    assertTrue(advice.contains("repeat with -Dpagoda.seed="), advice);
    long seed = Long.parseLong(advice.substring(advice.lastIndexOf('=') + 1));
    assertEquals(Long.toString(new Random(seed).nextLong()), failure.getMessage());
  }

  private static Throwable failure() {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(Failing.class))
        .execute()
        .testEvents()
        .failed()
        .stream()
        .flatMap(event -> event.getPayload(TestExecutionResult.class).stream())
        .flatMap(result -> result.getThrowable().stream())
        .findFirst()
        .orElseThrow();
  }
}
