package io.pagoda.core.peer;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * Of which blocks a peer may say that they are wrong: once of each that was lent to it, of many, of
 * those that were lent last.
 *
 * <p><b>Threads.</b> One.
 */
final class Credit {
  private final int most;
  private final SequencedSet<BlockKey> lent = new LinkedHashSet<>();

  Credit(int most) {
    this.most = most;
  }

  /** Takes note of those that were lent. */
  void gain(BlockKeys keys, byte[] states) {
    for (int i = 0; i < states.length; i++) {
      if (states[i] == Loan.LENT) {
        lent.addLast(keys.key(i));
        if (lent.size() > most) {
          lent.removeFirst();
        }
      }
    }
  }

  /** {@return those of some keys of which the peer may say it, for the last time} */
  BlockKeys spent(BlockKeys keys) {
    List<BlockKey> may = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      if (lent.remove(keys.key(i))) {
        may.add(keys.key(i));
      }
    }
    return BlockKeys.of(may);
  }
}
