package io.pagoda.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * MinIO's server, by {@code dev/minio-server}. One process speaks plain HTTP or TLS, so there are
 * two, with a directory of their own each.
 */
final class MinioServer extends LoopbackServer {
  private static final String SCRIPT = "minio-server";

  private static final Map<String, String> SETTINGS = Map.of(
      "MINIO_ROOT_USER", Credentials.TEST.key(), "MINIO_ROOT_PASSWORD", Credentials.TEST.secret(),
      "MINIO_BROWSER", "off", "MINIO_CI_CD", "on", "MINIO_UPDATE", "off");

  private final Path program;
  private final List<ServerProcess> processes = new ArrayList<>();

  private MinioServer(Path program, Path directory) throws IOException {
    super(directory);
    this.program = program;
    Path certificates = Files.createDirectories(directory.resolve("certificates"));
    Files.copy(certificate.chain(), certificates.resolve("public.crt"));
    Files.copy(certificate.key(), certificates.resolve("private.key"));
  }

  /** {@return why there is none here} */
  static Optional<String> missing() {
    try {
      program();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("MinIO's server is not installed; dev/minio-server install builds it");
    }
  }

  private static Path program() throws IOException {
    Path script = Command.script(SCRIPT).orElseThrow(() -> new IOException("no dev/" + SCRIPT));
    return Path.of(Command.run(Map.of(), List.of(script.toString(), "path")).strip());
  }

  static MinioServer start(Path directory) throws IOException {
    var server = new MinioServer(program(), directory);
    server.restart();
    return server;
  }

  private ServerProcess launch(String name, int at, Path certificates) throws IOException {
    List<String> command = List.of(
        program.toString(), "server", "--quiet", "--address", "127.0.0.1:" + at, "--certs-dir",
        certificates.toString(), Files.createDirectories(directory.resolve(name)).toString());
    return ServerProcess.start(command, SETTINGS, directory.resolve(name + ".log"), at);
  }

  @Override
  public void createBucket(String name) throws IOException {
    new Requests(endpoint()).createBucket(name);
    new Requests(secureEndpoint(), certificate()).createBucket(name);
  }

  @Override
  public void kill() {
    processes.forEach(ServerProcess::close);
    processes.clear();
  }

  @Override
  public void restart() throws IOException {
    processes.add(launch("plain", port, Files.createDirectories(directory.resolve("none"))));
    processes.add(launch("secure", securePort, directory.resolve("certificates")));
    new Requests(endpoint()).awaitReady();
    new Requests(secureEndpoint(), certificate()).awaitReady();
  }

  @Override
  public void close() {
    kill();
  }

  @Override
  public String toString() {
    return "MinIO at " + endpoint();
  }
}
