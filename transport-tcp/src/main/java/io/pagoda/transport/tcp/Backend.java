package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** What moves the bytes. */
enum Backend {
  /** The best that there is. */
  AUTO("auto"),
  /** io_uring by Netty's native part, with lists of addresses given to the kernel. */
  IO_URING("io_uring"),
  /** epoll, with lists of addresses given to the kernel. */
  EPOLL("epoll"),
  /** Java's own channels. */
  NIO("java.nio");

  private final String word;

  Backend(String word) {
    this.word = word;
  }

  /**
   * What was chosen, and why.
   *
   * @param backend not {@link #AUTO}
   * @param why not a better one; empty if there is none
   */
  record Choice(Backend backend, String why) {}

  /** {@return what this setting means here} */
  Choice choose() {
    return this == AUTO ? best() : asked();
  }

  private static Choice best() {
    return EPOLL.missing()
        .map(why -> new Choice(NIO, "no epoll: " + why))
        .orElse(new Choice(EPOLL, ""));
  }

  private Choice asked() {
    missing().ifPresent(why -> {
      throw new PagodaException(
          Fault.PERMANENT, "backend = %s, but %s. backend = auto would use %s"
              .formatted(word, why, best().backend.word));
    });
    return new Choice(
        this, equals(best().backend) ? "" : "backend = %s, as configured".formatted(word));
  }

  /** {@return why it cannot be used on this machine, or nothing if it can} */
  Optional<String> missing() {
    return switch (this) {
      case AUTO, NIO -> Optional.empty();
      case EPOLL -> nativeMissing();
      case IO_URING -> nativeMissing().or(RingLoop::missing);
    };
  }

  private static Optional<String> nativeMissing() {
    String system = System.getProperty("os.name", "");
    String processor = System.getProperty("os.arch", "");
    if (!system.toLowerCase(Locale.ROOT).contains("linux")) {
      return Optional.of("this is " + system);
    }
    if (!processor.equals("amd64") && !processor.equals("aarch64")) {
      return Optional.of("its structures are not known on " + processor);
    }
    if (!Backend.class.getModule().isNativeAccessEnabled()) {
      return Optional
          .of("native code may not be called: --enable-native-access=io.pagoda.transport.tcp");
    }
    return Optional.empty();
  }

  Loop open(String name, Duration spin) throws IOException {
    return switch (this) {
      case IO_URING -> new RingLoop(name, spin);
      case EPOLL -> new EpollLoop(name, spin);
      case AUTO, NIO -> new NioLoop(name, spin);
    };
  }

  String word() {
    return word;
  }
}
