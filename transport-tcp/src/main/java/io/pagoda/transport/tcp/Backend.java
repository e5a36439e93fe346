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
  AUTO,
  /** epoll, with lists of addresses given to the kernel. */
  EPOLL,
  /** Java's own channels. */
  NIO;

  /**
   * What was chosen, and why.
   *
   * @param backend not {@link #AUTO}
   * @param why not a better one; empty if there is none
   */
  record Choice(Backend backend, String why) {}

  /** {@return what this setting means here} */
  Choice choose() {
    Optional<String> missing = epollMissing();
    return switch (this) {
      case AUTO ->
        missing.map(why -> new Choice(NIO, "no epoll: " + why)).orElse(new Choice(EPOLL, ""));
      case EPOLL -> missing.<Choice>map(why -> {
        throw new PagodaException(
            Fault.PERMANENT,
            "backend = epoll, but " + why + ". backend = auto would use Java's channels");
      }).orElse(new Choice(EPOLL, ""));
      case NIO -> new Choice(NIO, "backend = nio, as configured");
    };
  }

  /** {@return why this machine has no epoll that can be called, or nothing if it has} */
  static Optional<String> epollMissing() {
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
    return this == EPOLL ? new EpollLoop(name, spin) : new NioLoop(name, spin);
  }

  String word() {
    return this == EPOLL ? "epoll" : "java.nio";
  }
}
