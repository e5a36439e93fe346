package io.pagoda.certify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.deploy.Clause;
import io.pagoda.core.deploy.Clause.Verdict;
import io.pagoda.spi.tier.Keyed;
import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.MemoryTier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ContractCertifierTest {
  private static List<Clause> clauses(Supplier<StorageTier> opener) {
    List<Clause> clauses = new ArrayList<>();
    new ContractCertifier().certify(opener, false, clauses::add);
    return clauses;
  }

  private static List<Clause> clausesOfKeyed(SharedPlace place) {
    List<Clause> clauses = new ArrayList<>();
    new ContractCertifier().certify(place::open, true, clauses::add);
    return clauses;
  }

  /** Others' blocks are in the place, and those of each sentence. */
  @Test
  void aTierThatSharesItsPlaceIsCertifiedBesideWhatIsThere() {
    var place = new SharedPlace(true);
    List<Clause> first = clausesOfKeyed(place);
    assertEquals(List.of(), that(first, Verdict.BROKEN));
    assertTrue(that(first, Verdict.KEPT).size() >= 12, first::toString);
    assertEquals(List.of(), that(clausesOfKeyed(place), Verdict.BROKEN));
  }

  /** A contract may come to ask for it; the blocks of others are in the place. */
  @Test
  void aTrialDoesNotEmptyThePlace() {
    try (StorageTier tier = new ApartTier(new SharedPlace(true).open(), 7)) {
      var forgotten = tier.ability(Keyed.class).orElseThrow().forgetAll().toCompletableFuture();
      assertTrue(forgotten.isCompletedExceptionally());
    }
  }

  @Test
  void aTierThatDoesNotShareItsPlaceBreaksTheContract() {
    List<Clause> broken = that(clausesOfKeyed(new SharedPlace(false)), Verdict.BROKEN);
    assertTrue(
        broken.stream().anyMatch(clause -> clause.name().equals("findsAndLoadsWhatWasStored")),
        broken::toString);
  }

  private static List<Clause> that(List<Clause> clauses, Verdict verdict) {
    return clauses.stream().filter(clause -> clause.verdict() == verdict).toList();
  }

  @Test
  void aTierThatKeepsTheContractIsCertified() {
    List<Clause> clauses = clauses(() -> new MemoryTier(16, 4_096));
    assertEquals(List.of(), that(clauses, Verdict.BROKEN));
    assertTrue(that(clauses, Verdict.KEPT).size() > 25, clauses::toString);
    for (Clause clause : that(clauses, Verdict.NOT_ASKED)) {
      assertTrue(clause.reason().startsWith("the tier "), clause::toString);
    }
  }

  /** It has fewer slots than the contract needs. */
  @Test
  void aTierThatBreaksItIsToldWhy() {
    List<Clause> broken = that(clauses(() -> new MemoryTier(4, 4_096)), Verdict.BROKEN);
    assertTrue(broken.size() > 25, broken::toString);
    assertTrue(broken.getFirst().reason().contains("needs 8 slots or more"), broken::toString);
  }

  @Test
  void aTierThatDoesNotOpenBreaksEverySentence() {
    List<Clause> clauses = clauses(() -> {
      throw new IllegalStateException("no tape");
    });
    assertTrue(clauses.size() > 25, clauses::toString);
    for (Clause clause : clauses) {
      assertEquals(Verdict.BROKEN, clause.verdict(), clause::toString);
      assertTrue(clause.reason().contains("no tape"), clause::toString);
    }
  }
}
