package io.pagoda.transport.rdma;

import io.pagoda.PagodaException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The guests that are one link of a peer, by one device each: whoever loses one without a goodbye
 * loses all, and nobody is told so before each of them has ended. Safe for use by many threads.
 */
final class Parties {
  private final Map<Key, Party> all = new HashMap<>();

  /**
   * Which link it is.
   *
   * @param generation of the peer
   * @param link as the peer calls it
   */
  record Key(UUID generation, UUID link) {}

  /** One connection of a link. */
  interface Member {
    /** Breaks it, once what it has received is told; from any thread, and does not wait. */
    void breakSoon(PagodaException why);
  }

  /** Something to tell a listener. */
  interface Loss {
    /** {@return whom it is told} */
    Object listener();

    /** {@return whether the listener was told: not when its grant has ended} */
    boolean tell();
  }

  private static final class Party {
    final Set<Member> members = new HashSet<>();
    final List<Loss> losses = new ArrayList<>();
    boolean lost;
  }

  /** {@return whether it is one of the link's now; not if that is just being lost} */
  synchronized boolean join(Key key, Member member) {
    Party party = all.computeIfAbsent(key, _ -> new Party());
    return !party.lost && party.members.add(member);
  }

  /**
   * A member has ended: its device touches nothing for it any more.
   *
   * @param losses to be told once, when all have ended
   * @param why without a goodbye; the others are broken, too
   */
  void ended(Key key, Member member, List<? extends Loss> losses, Optional<PagodaException> why) {
    List<Member> others = List.of();
    List<Loss> telling = List.of();
    synchronized (this) {
      Party party = all.get(key);
      if (party == null || !party.members.remove(member)) {
        return;
      }
      party.losses.addAll(losses);
      if (why.isPresent() && !party.lost) {
        party.lost = true;
        others = List.copyOf(party.members);
      }
      if (party.members.isEmpty()) {
        all.remove(key);
        telling = party.losses;
      }
    }
    others.forEach(one -> one.breakSoon(why.orElseThrow()));
    tell(telling);
  }

  /** Tells each listener once. */
  static void tell(List<? extends Loss> losses) {
    Set<Object> told = new HashSet<>();
    for (Loss loss : losses) {
      if (!told.contains(loss.listener()) && loss.tell()) {
        told.add(loss.listener());
      }
    }
  }

  synchronized int size() {
    return all.size();
  }
}
