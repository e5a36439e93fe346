package io.pagoda.devicetests;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the tests of the classes that it is told of, says of each how it ended and how long it took,
 * and fails unless there were some and all of them passed.
 */
final class DeviceTests {
  private DeviceTests() {}

  public static void main(String[] classes) {
    List<DiscoverySelector> wanted =
        Arrays.stream(classes).<DiscoverySelector>map(name -> selectClass(name)).toList();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    Launcher launcher = LauncherFactory.create();
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request().selectors(wanted).build(), summary, new Teller());
    TestExecutionSummary all = summary.getSummary();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    all.printFailuresTo(out, 12);
    out.printf(
        "Tests run: %d, Failures: %d, Skipped: %d%n", all.getTestsStartedCount(),
        all.getTotalFailureCount(), all.getTestsSkippedCount() + all.getTestsAbortedCount());
    boolean good = all.getTestsSucceededCount() > 0 && all.getTotalFailureCount() == 0;
    if (!good) {
      throw new AssertionError("not all is well");
    }
  }

  private static final class Teller implements TestExecutionListener {
    private long began;

    @Override
    public void executionStarted(TestIdentifier test) {
      began = System.nanoTime();
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest()) {
        System.out.printf(
            "%s %s %d ms %s%n", result.getStatus(), test.getDisplayName(),
            (System.nanoTime() - began) / 1_000_000,
            result.getThrowable().map(Throwable::toString).orElse(""));
      }
    }
  }
}
