package io.pagoda.transport.rdma;

import io.pagoda.spi.transport.Transport;
import io.pagoda.tck.TransportContract;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/**
 * The contract of a transport, on the RDMA devices of this machine; {@code rdma-vm} has two.
 * Thoroughly for the one that has all that the other has, and more.
 */
class ContractOnDeviceIT {
  @Nested
  class AsItIs extends Contract {
    AsItIs() {
      super(new Rig());
    }

    @Override
    public boolean thorough() {
      return false;
    }
  }

  @Nested
  class NarrowSecretStripedAndByTwoDevices extends Contract {
    NarrowSecretStripedAndByTwoDevices() {
      super(new Rig().narrow().secret("sixteen characters").pairs(3).rails(2));
    }
  }

  abstract static class Contract implements TransportContract {
    private final Rig rig;

    Contract(Rig rig) {
      this.rig = rig;
    }

    @Override
    public Transport open(String name) {
      return rig.transport(name);
    }

    @Override
    public Duration patience() {
      return Duration.ofSeconds(60);
    }
  }
}
