package io.pagoda.onservers;

import io.pagoda.servers.ServerKind;

class OnMinioTest extends OnServer {
  OnMinioTest() {
    super(ServerKind.MINIO);
  }
}
