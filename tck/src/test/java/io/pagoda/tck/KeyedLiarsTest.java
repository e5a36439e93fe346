package io.pagoda.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract of shared places under test: it lets the honest pass and catches every liar. */
class KeyedLiarsTest {
  @Test
  void letsTheHonestPass() {
    assertEquals(Set.of(), failures("Honest"));
  }

  @ParameterizedTest
  @CsvSource({"CountsAcrossGaps, findsNothingWithoutTheFirst",
    "FindsOneMore, findsNothingInTheBeginning", "AnswersTwice, findsNothingInTheBeginning",
    "NeverAnswers, findsNothingInTheBeginning", "KeepsTheLast, keepsWhatWasStoredFirst",
    "SharesNothing, findsAndLoadsWhatWasStored", "MissesForNow, missesForGoodWhatIsNotThere",
    "MissesNothing, missesForGoodWhatIsNotThere", "TellsOtherSeals, findsAndLoadsWhatWasStored",
    "IgnoresTheShape, doesNotFindBlocksOfAnotherShape", "RejectsNothing, storesAnewWhatWasRejected",
    "EmptiesThePlace, findsWhatWasStoredBefore", "IgnoresABit, tellsKeysApartByEachBit",
    "LoadsWithoutABit, tellsKeysApartByEachBit"})
  void catches(String liar, String by) {
    Set<String> failures = failures(liar);
    assertTrue(failures.contains(by), () -> liar + " was caught only by " + failures);
  }

  private static Set<String> failures(String liar) {
    return ContractRun.failures(KeyedLiars.class.getName() + "$" + liar);
  }
}
