package io.pagoda.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** A server on this machine, with a port for plain HTTP and one for TLS. */
abstract sealed class LoopbackServer implements S3Server
    permits CephServer, MinioServer, S3ProxyServer {
  /** Where it keeps all that it keeps. */
  final Path directory;

  final Certificate certificate;
  final int port;
  final int securePort;

  LoopbackServer(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.certificate = Certificate.in(directory);
    this.port = ServerProcess.freePort();
    this.securePort = ServerProcess.freePort();
  }

  @Override
  public final URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public final URI secureEndpoint() {
    return URI.create("https://127.0.0.1:" + securePort);
  }

  @Override
  public final Path certificate() {
    return certificate.chain();
  }
}
