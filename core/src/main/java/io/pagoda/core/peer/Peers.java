package io.pagoda.core.peer;

import java.util.List;

/** The ability of a tier of peers to have each tried by hand. */
public interface Peers {
  /** {@return its peers, in the order of the configuration} */
  List<PeerTrial> trials();
}
