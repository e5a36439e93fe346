package io.pagoda.tck;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Set;
import java.util.TreeSet;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs a contract as JUnit would. */
final class ContractRun {
  private ContractRun() {}

  /** {@return the tests that fail in a class that implements a contract} */
  static Set<String> failures(String className) {
    var failures = new TreeSet<String>();
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(className))
        .execute()
        .testEvents()
        .failed()
        .stream()
        .map(Event::getTestDescriptor)
        .forEach(test -> failures.add(test.getDisplayName().replaceFirst("\\(.*", "")));
    return failures;
  }
}
