package io.pagoda.onservers;

import io.pagoda.servers.ServerKind;

class OnS3ProxyTest extends OnServer {
  OnS3ProxyTest() {
    super(ServerKind.S3PROXY);
  }
}
