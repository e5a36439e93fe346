package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.testkit.engine.EngineTestKit;

/**
 * The contract of a transport itself under test: it lets the honest pass and catches every liar.
 */
class LiarsTest {
  @Test
  void letsTheHonestPass() {
    assertEquals(0, failures(selectClass(Liars.Honest.class)));
  }

  @ParameterizedTest
  @CsvSource({"TellsTwice, tellsOnceAfterTheData", "FencesTooSoon, fencesACancelledRead",
    "NeverRevokes, refusesARevokedGrant", "OpensTooMuch, refusesWhatIsOutsideOfAWindow",
    "ForgetsARange, readsScatteredRanges", "KeepsRegistrations, tellsOfReads"})
  void catches(String liar, String by) throws ClassNotFoundException {
    Class<?> type = Class.forName(Liars.class.getName() + "$" + liar);
    String arguments = by.startsWith("reads") ? "java.util.Random" : "";
    assertEquals(1, failures(selectMethod(type, by, arguments)), liar + " was not caught");
  }

  private static long failures(DiscoverySelector what) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(what)
        .execute()
        .testEvents()
        .failed()
        .count();
  }
}
