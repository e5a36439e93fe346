package io.pagoda.onservers;

import io.pagoda.servers.ServerKind;

class OnCephTest extends OnServer {
  OnCephTest() {
    super(ServerKind.CEPH);
  }
}
