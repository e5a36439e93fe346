package io.pagoda.tier.remote.s3;

import io.pagoda.spi.tier.StorageTier;
import io.pagoda.tck.KeyedTierContract;
import org.junit.jupiter.api.AfterEach;

/** The contract of keyed tiers, through AWS's client and real sockets. */
class S3ContractTest implements KeyedTierContract {
  private final Server server = new Server();

  @Override
  public StorageTier open() {
    return Rig.tier(server, 100_003);
  }

  @AfterEach
  void stop() {
    server.close();
  }
}
