package io.pagoda.spi;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A setting is absent, malformed, unknown or out of range. The message says where it stands. */
public final class SettingsException extends PagodaException {
  @Serial private static final long serialVersionUID = 1;

  /**
   * Creates the failure.
   *
   * @param message where the setting is, what is wrong with it and what would be right
   */
  public SettingsException(String message) {
    this(message, null);
  }

  /**
   * Creates the failure.
   *
   * @param message where the setting is, what is wrong with it and what would be right
   * @param cause what lies beneath, or {@code null}
   */
  public SettingsException(String message, @Nullable Throwable cause) {
    super(Fault.PERMANENT, message, cause);
  }
}
