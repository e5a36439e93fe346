package io.pagoda.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * S3Proxy, which keeps objects as files. It checks signatures, ranges and conditions; of writes in
 * parts it keeps no checksums, and {@code GET ?partNumber} it does not know.
 */
final class S3ProxyServer extends LoopbackServer {
  private ServerProcess process;

  private S3ProxyServer(Path directory) throws IOException {
    super(directory);
    Files.createDirectories(data());
    writeSettings();
    this.process = launch();
  }

  static S3ProxyServer start(Path directory) throws IOException {
    return new S3ProxyServer(directory);
  }

  private void writeSettings() throws IOException {
    var settings = new Properties();
    settings.putAll(
        Map.of(
            "s3proxy.endpoint", endpoint().toString(), "s3proxy.secure-endpoint",
            secureEndpoint().toString(), "s3proxy.keystore-path", certificate.store().toString(),
            "s3proxy.keystore-password", Certificate.PASSWORD, "s3proxy.authorization",
            "aws-v2-or-v4", "s3proxy.identity", Credentials.TEST.key(), "s3proxy.credential",
            Credentials.TEST.secret(), "s3proxy.ignore-unknown-headers", "true"));
    settings.putAll(
        Map.of(
            "jclouds.provider", "filesystem-nio2", "jclouds.filesystem.basedir", data().toString(),
            "jclouds.identity", "none", "jclouds.credential", "none"));
    try (Writer out = Files.newBufferedWriter(settings())) {
      settings.store(out, null);
    }
  }

  private ServerProcess launch() throws IOException {
    List<String> command = List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g",
        "-XX:+UseSerialGC", "-cp", classPath(), "org.gaul.s3proxy.Main", "--properties",
        settings().toString());
    return ServerProcess
        .start(command, Map.of(), directory.resolve("s3proxy.log"), port, securePort);
  }

  /** It needs 80 jars, some older than those of its clients: so it has a process of its own. */
  private static String classPath() throws IOException {
    try (InputStream in = S3ProxyServer.class.getResourceAsStream("s3proxy.classpath")) {
      byte[] jars = Objects.requireNonNull(in, "s3proxy.classpath was not built").readAllBytes();
      return new String(jars, StandardCharsets.UTF_8).strip();
    }
  }

  private Path settings() {
    return directory.resolve("s3proxy.conf");
  }

  private Path data() {
    return directory.resolve("data");
  }

  @Override
  public void createBucket(String name) throws IOException {
    Files.createDirectories(data().resolve(name));
  }

  @Override
  public void kill() {
    process.close();
  }

  @Override
  public void restart() throws IOException {
    process = launch();
  }

  @Override
  public void close() {
    process.close();
  }

  @Override
  public String toString() {
    return "S3Proxy at " + endpoint();
  }
}
