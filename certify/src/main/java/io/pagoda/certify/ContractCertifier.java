package io.pagoda.certify;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.pagoda.core.deploy.Certifier;
import io.pagoda.core.deploy.Clause;
import io.pagoda.core.deploy.Clause.Verdict;
import io.pagoda.spi.tier.StorageTier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the contract with JUnit. */
public final class ContractCertifier implements Certifier {
  /** Called by {@link java.util.ServiceLoader}. */
  public ContractCertifier() {}

  @Override
  public void certify(Supplier<StorageTier> opener, boolean keyed, Consumer<Clause> listener) {
    Thread thread = Thread.currentThread();
    ClassLoader outer = thread.getContextClassLoader();
    thread.setContextClassLoader(ContractCertifier.class.getClassLoader()); // JUnit looks there
    try {
      Class<?> contract = keyed ? KeyedTierOnTrial.class : TierOnTrial.class;
      ScopedValue.where(TierOnTrial.OPENER, opener).run(() -> run(contract, new Told(listener)));
    } finally {
      thread.setContextClassLoader(outer);
    }
  }

  private static void run(Class<?> contract, Told told) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(contract)).build();
    LauncherFactory.create().execute(request, told);
  }

  /**
   * Hears of tests, and tells of clauses.
   *
   * @param listener who is told
   */
  private record Told(Consumer<Clause> listener) implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest() || result.getStatus() == TestExecutionResult.Status.FAILED) {
        String reason = result.getThrowable().map(Told::reason).orElse("");
        listener.accept(new Clause(name(test), verdict(result), reason));
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      listener.accept(new Clause(name(test), Verdict.NOT_ASKED, reason));
    }

    private static String name(TestIdentifier test) {
      return test.getDisplayName().replaceFirst("\\(.*", "");
    }

    private static Verdict verdict(TestExecutionResult result) {
      return switch (result.getStatus()) {
        case SUCCESSFUL -> Verdict.KEPT;
        case ABORTED -> Verdict.NOT_ASKED;
        case FAILED -> Verdict.BROKEN;
      };
    }

    /** With the seed that repeats it, where there is one. */
    private static String reason(Throwable failure) {
      StringBuilder reason = new StringBuilder(String.valueOf(failure.getMessage()));
      for (Throwable more : failure.getSuppressed()) {
        reason.append("; ").append(more.getMessage());
      }
      return reason.toString().replace("\n", " ").replaceFirst("^Assumption failed: ", "");
    }
  }
}
