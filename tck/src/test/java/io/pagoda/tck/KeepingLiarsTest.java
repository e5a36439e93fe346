package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract of keeping under test: it lets the honest pass and catches every liar. */
class KeepingLiarsTest {
  @Test
  void letsTheHonestPass() {
    assertEquals(Set.of(), failures("Honest"));
  }

  @ParameterizedTest
  @CsvSource({"LosesPartOfABatch, handsOverWhatWasStored", "MixesSeals, handsOverWhatWasStored",
    "KeepsTheFirst, handsOverTheLastBlockOfASlot",
    "CountsAnew, tellsTheLaterOfTwoBlocksByItsGeneration",
    "ForgetsNothing, doesNotHandOverWhatIsGivenUp",
    "ForgetsAlmostAll, doesNotHandOverWhatWasAllGivenUp",
    "IgnoresTheShape, refusesBlocksOfAnotherShape",
    "DeletesWhatItRefuses, refusesBlocksOfAnotherShape"})
  void catches(String liar, String by) {
    Set<String> failures = failures(liar);
    assertTrue(failures.contains(by), () -> liar + " was caught only by " + failures);
  }

  private static Set<String> failures(String liar) {
    return ContractRun.failures(KeepingLiars.class.getName() + "$" + liar);
  }
}
