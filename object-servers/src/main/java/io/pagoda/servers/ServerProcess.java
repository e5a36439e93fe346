package io.pagoda.servers;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** A process that listens, and does not outlive this JVM. */
final class ServerProcess implements AutoCloseable {
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(180);
  private static final long POLL_MILLIS = 20;
  private static final int CONNECT_MILLIS = 1000;
  private static final int LOG_CHARACTERS = 2000;
  private static final int TRIES = 100;
  private static final int LEAST_PORT = 10_000;

  /** Linux's and IANA's are not lower. */
  private static final int LEAST_EPHEMERAL_PORT = 32_768;

  private final Process process;
  private final Path log;
  private final Thread atExit;

  private ServerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.atExit = Thread.ofPlatform().unstarted(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Starts a process.
   *
   * @param log where it writes what it says
   * @param ports returns when something listens at each
   */
  static ServerProcess start(
      List<String> command, Map<String, String> environment, Path log, int... ports)
      throws IOException {
    var builder = new ProcessBuilder(command).redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    var started = new ServerProcess(builder.start(), log);
    try {
      for (int port : ports) {
        started.awaitPort(port);
      }
      return started;
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /**
   * Returns a port of loopback that nothing listens at: none of those that the system gives to
   * whoever asks for any, so that it stays free until a server has started, and while it is away.
   */
  static int freePort() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(LEAST_PORT, LEAST_EPHEMERAL_PORT);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException _) {
        // Somebody else has it.
      }
    }
    throw new IOException("No port below " + LEAST_EPHEMERAL_PORT + " is free");
  }

  private void awaitPort(int port) throws IOException {
    long end = System.nanoTime() + START_NANOS;
    while (!listens(port)) {
      if (ended(POLL_MILLIS)) {
        throw new IOException(
            "The server ended with %d before it listened at port %d: %s"
                .formatted(process.exitValue(), port, logged()));
      }
      if (System.nanoTime() - end > 0) {
        throw new IOException("The server did not listen at port " + port + ": " + logged());
      }
    }
  }

  static boolean listens(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      // One that is given the port to connect from is connected to itself.
      return socket.getLocalPort() != port;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean ended(long millis) throws IOException {
    try {
      return process.waitFor(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private String logged() throws IOException {
    String all = Files.readString(log);
    return all.substring(Math.max(0, all.length() - LOG_CHARACTERS));
  }

  /** Kills it; returns when it is gone. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException _) {
      // This JVM ends too.
    }
  }
}
