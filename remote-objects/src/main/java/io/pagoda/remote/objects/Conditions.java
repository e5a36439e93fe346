package io.pagoda.remote.objects;

import io.pagoda.remote.objects.ObjectSettings.ConditionalPut;
import java.lang.System.Logger.Level;

/**
 * Whether the server keeps to the conditions of requests.
 *
 * <p><b>Threads.</b> Any.
 */
final class Conditions {
  private final ConditionalPut setting;
  private final String name;
  private volatile boolean hold;

  Conditions(ConditionalPut setting, String name) {
    this.setting = setting;
    this.name = name;
    this.hold = setting != ConditionalPut.NEVER;
  }

  /** {@return whether objects are stored on the condition that there is none} */
  boolean hold() {
    return hold;
  }

  /**
   * Notes that the server does not know the condition.
   *
   * @return whether it is to be done without
   */
  boolean unsupported() {
    if (setting != ConditionalPut.AUTO) {
      return false;
    }
    if (hold) {
      hold = false;
      tell();
    }
    return true;
  }

  private void tell() {
    Requests.LOG.log(
        Level.INFO,
        "{0}: the server does not know If-None-Match; it is looked whether an object is there "
            + "before one is stored",
        name);
  }
}
