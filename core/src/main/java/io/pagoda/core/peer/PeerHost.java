package io.pagoda.core.peer;

import io.pagoda.spi.Host;
import io.pagoda.spi.transport.Transport;
import java.util.List;

/** What the store lends to a tier of peers, beyond what it lends to any. */
public interface PeerHost extends Host {
  /** {@return by which this store can read, preferred first, opened with the first call} */
  List<Transport> transports();

  /** {@return how the store behaves towards its peers} */
  PeerSettings peers();

  /** {@return the model's name} */
  String model();

  /** {@return how many tokens a block has} */
  int tokensPerBlock();
}
