package io.pagoda.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The servers that there are. */
public enum ServerKind {
  /** S3Proxy over a directory: answers within two seconds of its start. */
  S3PROXY("S3Proxy 4.1.0"),
  /** Ceph's gateway with a monitor and an OSD in memory, from Debian's packages. */
  CEPH("Ceph radosgw"),
  /** MinIO's own server, from its sources by {@code go install}. */
  MINIO("MinIO");

  private final String title;

  ServerKind(String title) {
    this.title = title;
  }

  /** {@return why it cannot be started here, with what would help; nothing if it can} */
  public Optional<String> missing() {
    return switch (this) {
      case S3PROXY -> Optional.empty();
      case CEPH -> CephServer.missing();
      case MINIO -> MinioServer.missing();
    };
  }

  /**
   * Starts one; returns when it answers.
   *
   * @param directory where its data, certificates and logs go
   */
  public S3Server start(Path directory) throws IOException {
    return switch (this) {
      case S3PROXY -> S3ProxyServer.start(directory);
      case CEPH -> CephServer.start(directory);
      case MINIO -> MinioServer.start(directory);
    };
  }

  @Override
  public String toString() {
    return title;
  }
}
