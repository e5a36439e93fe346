package io.pagoda.transport.tcp;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The peer is not let in, or does not let this side in: another try would end as this one. */
final class Refusal extends IOException {
  @Serial private static final long serialVersionUID = 1;

  Refusal(String why, @Nullable Throwable cause) {
    super(why, cause);
  }
}
