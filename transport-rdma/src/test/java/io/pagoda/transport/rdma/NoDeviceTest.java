package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.Availability;
import org.junit.jupiter.api.Test;

/** Where there is no RDMA, it says so, and what would help. */
class NoDeviceTest {
  @Test
  void aMachineWithoutADeviceSaysWhatIsMissing() {
    assumeTrue(RdmaPorts.missing().isPresent(), "this machine has an RDMA device");
    Availability found = new RdmaTransportProvider().availability();
    String reason = assertInstanceOf(Availability.Unavailable.class, found).reason();
    assertTrue(
        reason.contains("apt-get")
            || reason.contains("rdma link add")
            || reason.contains("modprobe"),
        reason);
    PagodaException refused = assertThrows(PagodaException.class, () -> new Rig().open("here"));
    assertTrue(String.valueOf(refused.getMessage()).contains(reason), refused::toString);
    assertTrue(RdmaPorts.findings().getFirst().hinders());
  }
}
