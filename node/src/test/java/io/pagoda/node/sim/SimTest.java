package io.pagoda.node.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Simulations that go wrong, and pages. */
class SimTest {
  private static final SimTrace TRACE =
      SimTrace.of(List.of(SimTrace.keys(List.of(1L, 2L)), SimTrace.keys(List.of(1L, 2L, 3L))));

  private static Sim sim(String policy, Sim.PolicyMaker maker, int capacity) {
    return new Sim(
        TRACE, maker,
        new Sim.Setup(
            List.of(policy), List.of(capacity), Sim.Model.STORE, 0, Optional.empty(),
            Optional.empty(), 1));
  }

  @Test
  void saysWhatWasTooLargeForTheMemory() {
    Sim sim = sim("lru", (_, _) -> {
      throw new OutOfMemoryError("Java heap space");
    }, 200_000_000);
    String told = String.valueOf(assertThrows(PagodaException.class, sim::run).getMessage());
    assertTrue(told.contains("lru with 200,000,000 blocks") && told.contains("heap"), told);
  }

  @Test
  void pagesAndTablesAreTheSameInEveryCountry() {
    Sim sim = sim("belady-leaf", (_, _) -> {
      throw new IllegalStateException("No policy is asked for");
    }, 4);
    SimReport report =
        new SimReport(sim, List.of(new SimCell("belady-leaf", 4, .4, Optional.empty(), .001)));
    Locale before = Locale.getDefault();
    String here = new SimHtml(report).page();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertEquals(here, new SimHtml(report).page());
    } finally {
      Locale.setDefault(before);
    }
    assertTrue(here.contains("viewBox=\"0 0 860 420\""), here);
  }
}
