package io.pagoda.tier.ssd;

import io.netty.channel.uring.IoUring;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What moves the bytes. */
enum Engine {
  /** io_uring if it can be had, else the other, with the reason in the log. */
  AUTO,
  /** io_uring, or the tier does not open. */
  IO_URING,
  /** Threads that read and write through file channels. */
  FILE_CHANNEL;

  static final Logger LOG = System.getLogger("io.pagoda.tier.ssd");

  /** {@return why this process cannot use io_uring, or nothing if it can} */
  static Optional<String> ringMissing() {
    if (IoUring.isAvailable()) {
      return Optional.empty();
    }
    Throwable cause = IoUring.unavailabilityCause();
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return Optional.of(cause.toString());
  }

  /**
   * Opens {@code files} for the tier called {@code name}.
   *
   * @param ringMissing why there is no io_uring, or nothing if there is
   */
  IoPort open(List<Path> files, SsdSettings settings, String name, Optional<String> ringMissing) {
    if (this == FILE_CHANNEL) {
      return ChannelPort.open(files, settings, name, "as configured");
    }
    if (ringMissing.isEmpty()) {
      return RingPort.open(files, settings, name);
    }
    String reason = "io_uring is not available: " + ringMissing.get();
    if (this == IO_URING) {
      throw new PagodaException(
          Fault.PERMANENT,
          "The tier %s asks for engine = io-uring, but %s. engine = auto would use file channels"
              .formatted(name, reason));
    }
    LOG.log(Level.INFO, "The tier {0} uses file channels: {1}", name, reason);
    return ChannelPort.open(files, settings, name, reason);
  }
}
