package io.pagoda.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Ceph's gateway, by {@code dev/ceph-server}. That of Debian 12 (16.2) answers with 400 to
 * checksums that trail a body.
 */
final class CephServer extends LoopbackServer {
  private static final String SCRIPT = "ceph-server";
  private static final String GATEWAY = "client.rgw.a";

  private static final Map<String, String> USER = Map
      .of("PAGODA_S3_KEY", Credentials.TEST.key(), "PAGODA_S3_SECRET", Credentials.TEST.secret());

  private final Path script;
  private final Thread atExit = Thread.ofPlatform().unstarted(this::stop);

  private CephServer(Path script, Path directory) throws IOException {
    super(directory);
    this.script = script;
    Files.writeString(
        directory.resolve("tls.pem"),
        Files.readString(certificate.chain()) + Files.readString(certificate.key()));
  }

  /** {@return why there is none here} */
  static Optional<String> missing() {
    boolean here = Stream.of("radosgw", "ceph-mon", "ceph-osd")
        .allMatch(program -> Command.find(program).isPresent());
    if (here && Command.script(SCRIPT).isPresent()) {
      return Optional.empty();
    }
    return Optional
        .of("radosgw, ceph-mon or ceph-osd is not installed; dev/ceph-server install brings them");
  }

  static CephServer start(Path directory) throws IOException {
    var server = new CephServer(Command.script(SCRIPT).orElseThrow(), directory);
    Runtime.getRuntime().addShutdownHook(server.atExit);
    try {
      server.run(
          "start", Integer.toString(server.port), Integer.toString(server.securePort),
          Integer.toString(ServerProcess.freePort()));
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private void run(String what, String... further) throws IOException {
    var command = new ArrayList<>(List.of(script.toString(), what, directory.toString()));
    command.addAll(List.of(further));
    Command.run(USER, command);
  }

  private void stop() {
    try {
      run("stop");
    } catch (IOException e) {
      throw new IllegalStateException("Ceph's processes may still run: " + directory, e);
    }
  }

  @Override
  public void createBucket(String name) throws IOException {
    new Requests(endpoint()).createBucket(name);
  }

  /** Kills the gateway, which is what clients speak to. */
  @Override
  public void kill() throws IOException {
    String id = Files.readString(directory.resolve("run").resolve(GATEWAY + ".pid")).strip();
    ProcessHandle.of(Long.parseLong(id)).ifPresent(gateway -> {
      gateway.destroyForcibly();
      gateway.onExit().join();
    });
  }

  @Override
  public void restart() throws IOException {
    run("gateway");
  }

  @Override
  public void close() {
    stop();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException _) {
      // This JVM ends too.
    }
  }

  @Override
  public String toString() {
    return "Ceph's gateway at " + endpoint();
  }
}
