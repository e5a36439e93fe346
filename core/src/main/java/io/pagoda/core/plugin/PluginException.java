package io.pagoda.core.plugin;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A plugin cannot do what was asked of it, or there is none that could. */
public final class PluginException extends PagodaException {
  @Serial private static final long serialVersionUID = 1;

  PluginException(String message) {
    this(message, null);
  }

  PluginException(String message, @Nullable Throwable cause) {
    super(Fault.PERMANENT, message, cause);
  }

  private PluginException(Fault fault, String message) {
    super(fault, message);
  }

  /** Tells of a failure without keeping it, since its class would keep the plugin's loader. */
  static PluginException retelling(Throwable failure) {
    var told = failure instanceof PagodaException known
        ? new PluginException(known.fault(), String.valueOf(known.getMessage()))
        : new PluginException(Fault.PERMANENT, failure.toString());
    told.setStackTrace(failure.getStackTrace());
    return told;
  }
}
