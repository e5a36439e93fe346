package io.pagoda.transport.tcp;

import io.pagoda.spi.transport.Transport;
import io.pagoda.tck.TransportContract;
import org.junit.jupiter.api.Nested;

/**
 * The contract of a transport, for every way of moving the bytes: thoroughly for the one that is
 * taken by itself, and for all of them among the long tests.
 */
class TcpContractTest {
  @Nested
  class Epoll extends Contract {
    Epoll() {
      super(Rig.of(Backend.EPOLL));
    }

    @Override
    public boolean thorough() {
      return true;
    }
  }

  @Nested
  class EpollWideAndChecked extends Contract {
    EpollWideAndChecked() {
      super(Rig.of(Backend.EPOLL).wide().checked().secret("sixteen characters"));
    }
  }

  @Nested
  class IoUring extends Contract {
    IoUring() {
      super(Rig.of(Backend.IO_URING));
    }
  }

  @Nested
  class IoUringWideAndChecked extends Contract {
    IoUringWideAndChecked() {
      super(Rig.of(Backend.IO_URING).wide().checked().secret("sixteen characters"));
    }
  }

  @Nested
  class IoUringTls extends Contract {
    IoUringTls() {
      super(Rig.of(Backend.IO_URING).tls(Keys.get().node()));
    }
  }

  @Nested
  class Nio extends Contract {
    Nio() {
      super(Rig.of(Backend.NIO));
    }
  }

  @Nested
  class NioWideAndChecked extends Contract {
    NioWideAndChecked() {
      super(Rig.of(Backend.NIO).wide().checked());
    }
  }

  @Nested
  class EpollTls extends Contract {
    EpollTls() {
      super(Rig.of(Backend.EPOLL).tls(Keys.get().node()));
    }
  }

  @Nested
  class NioTlsWideAndChecked extends Contract {
    NioTlsWideAndChecked() {
      super(
          Rig.of(Backend.NIO).wide().checked().secret("sixteen characters").tls(Keys.get().node()));
    }
  }

  abstract static class Contract implements TransportContract {
    private final Rig rig;

    Contract(Rig rig) {
      this.rig = rig;
    }

    @Override
    public Transport open(String name) {
      return rig.open(name);
    }

    @Override
    public boolean thorough() {
      return Boolean.getBoolean("pagoda.test.long");
    }
  }
}
