package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract of a policy catches every liar, and a slow policy for its slowness only. */
class EvictionPolicyContractTest {
  private static Set<String> failures(String policy) {
    return ContractRun.failures(Policies.class.getName() + "$" + policy);
  }

  @Test
  void findsNothingButSlownessInASlowPolicy() {
    assertEquals(Set.of("asksFewQuestionsWhenEverythingMayGo"), failures("Slow"));
  }

  @ParameterizedTest
  @CsvSource({"NamesRemoved, agreesWithASetOfSlots", "NamesPinned, findsNothingWhenNothingMayGo",
    "ForgetsSlotZero, orderOfOneSlot", "GivesUp, findsTheOnlySlotThatMayGo",
    "ForgetsWhatItNamed, keepsASlotUntilItIsRemoved", "Allocates, allocatesNothing"})
  void catches(String liar, String by) {
    Set<String> failures = failures(liar);
    assertTrue(failures.contains(by), () -> liar + " was caught only by " + failures);
  }
}
