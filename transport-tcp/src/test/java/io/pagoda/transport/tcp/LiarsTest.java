package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/**
 * The contract of a transport itself under test: it lets the honest pass and catches every liar.
 */
class LiarsTest {
  @Test
  void letsTheHonestPass() {
    assertEquals(List.of(), failures(selectClass(Liars.Honest.class)));
  }

  @ParameterizedTest
  @CsvSource({"TellsTwice, tellsOnceAfterTheData", "FencesTooSoon, fencesACancelledRead",
    "NeverRevokes, refusesARevokedGrant", "OpensTooMuch, refusesWhatIsOutsideOfAWindow",
    "ForgetsARange, readsScatteredRanges", "KeepsRegistrations, tellsOfReads"})
  void catches(String liar, String by) throws ClassNotFoundException {
    assertCaught(Class.forName(Liars.class.getName() + "$" + liar), by);
  }

  @ParameterizedTest
  @CsvSource({"NeverEnds, movesBytesOfEverySize", "ShortAsWhole, readsScatteredRanges",
    "EndsTooSoon, movesBytesOfEverySize", "SwapsRanges, writesScatteredRanges",
    "WritesBehindARange, readsScatteredRanges", "KeepsMemory, fencesACancelledRead",
    "ThrowsWhatShouldEnd, endsEverythingWhenThePeerGoesAway",
    "LeavesASocket, leavesNoDescriptorOpen", "LeavesAThread, leavesNoThreadRunning"})
  void catchesLiesAboutEnds(String liar, String by) throws ClassNotFoundException {
    assertCaught(Class.forName(LiarsOfEnds.class.getName() + "$" + liar), by);
  }

  private static void assertCaught(Class<?> type, String by) {
    String arguments = by.endsWith("ScatteredRanges") ? "java.util.Random" : "";
    assertEquals(1, failures(selectMethod(type, by, arguments)).size(), type + " was not caught");
  }

  private static List<String> failures(DiscoverySelector what) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(what)
        .execute()
        .testEvents()
        .failed()
        .map(
            event -> event.getTestDescriptor().getDisplayName()
                + event.getPayload(TestExecutionResult.class))
        .toList();
  }
}
