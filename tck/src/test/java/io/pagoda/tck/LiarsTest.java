package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract itself under test: it lets the honest pass and catches every liar. */
class LiarsTest {
  @Test
  void letsTheHonestPass() {
    assertEquals(Set.of(), failures("Honest"));
  }

  @ParameterizedTest
  @CsvSource({"ReadsShort, loadsWhatWasStored", "CompletesTwice, loadsWhatWasStored",
    "NeverCompletes, keepsNoReferenceToTheMemoryOfABatch",
    "CompletesLoadsEarly, loadsWhatWasStored", "CompletesStoresEarly, loadsWhatWasStored",
    "WritesBeside, writesNothingBesideTheMemoryOfALoad", "IgnoresClose, refusesBatchesOnceClosed",
    "AcceptsSlotMinusOne, refusesASlotBelowTheFirst",
    "MovesPartOfARefusedBatch, refusesASlotBeyondTheLast",
    "CompletesWhatItRefuses, refusesASlotBelowTheFirst", "SwapsSlots, loadsWhatWasStored",
    "ForgetsTheRangeOffset, storesRangesOfBlocks", "LoadsASlotOnce, loadsOneSlotTwiceInABatch",
    "ClosesTooSoon, completesWhatIsInFlightBeforeItCloses",
    "SpoilsItsSource, leavesTheMemoryOfAStoreAlone",
    "WritesAfterCompletion, writesNothingAfterALoadHasCompleted",
    "LoadsStaleBytes, replacesOnlyTheSlotsThatItStores",
    "BlocksInCompletions, takesABatchFromACompletion", "FailsWithoutReason, loadsWhatWasStored",
    "ChangesItsSpec, offersTheSameAtEveryCall", "LiesAboutItsMemory, showsStoredBytesInItsMemory",
    "BlocksItsCaller, takesABatchWhileACompletionLasts",
    "ThrowsFromAnotherThread, refusesASlotBelowTheFirst",
    "KeepsTheBufferOfAStore, loadsWhatWasStored", "LeaksADescriptor, leavesNoDescriptorOpen",
    "LeaksAThread, leavesNoThreadRunning"})
  void catches(String liar, String by) {
    Set<String> failures = failures(liar);
    assertTrue(failures.contains(by), () -> liar + " was caught only by " + failures);
  }

  private static Set<String> failures(String liar) {
    return ContractRun.failures(Liars.class.getName() + "$" + liar);
  }
}
