package io.pagoda.tck;

import java.util.Random;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Gives a test that asks for a {@link Random} one with a seed of its own. The seed is reported
 * before the test runs and again when it fails; {@code -Dpagoda.seed=N} repeats it.
 */
public final class Seeded implements ParameterResolver, TestExecutionExceptionHandler {
  private static final String PROPERTY = "pagoda.seed";
  private static final Namespace NAMESPACE = Namespace.create(Seeded.class);

  /** Creates the extension; JUnit does. */
  public Seeded() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
    return parameter.getParameter().getType() == Random.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
    long seed = Long.getLong(PROPERTY, new Random().nextLong());
    test.getStore(NAMESPACE).put(PROPERTY, seed);
    test.publishReportEntry(PROPERTY, Long.toString(seed));
    return new Random(seed);
  }

  @Override
  public void handleTestExecutionException(ExtensionContext test, Throwable failure)
      throws Throwable {
    Long seed = test.getStore(NAMESPACE).get(PROPERTY, Long.class);
    if (seed != null) {
      failure.addSuppressed(new AssertionError("repeat with -D" + PROPERTY + "=" + seed));
    }
    throw failure;
  }
}
