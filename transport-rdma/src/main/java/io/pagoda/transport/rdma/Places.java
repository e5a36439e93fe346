package io.pagoda.transport.rdma;

/**
 * Places to receive messages into, as one side of a queue pair counts them: where the peer still
 * has one, and how many of its own are free again that the peer was not told of. Used by one thread
 * at a time.
 */
final class Places {
  /**
   * While a serving side has more than this to say to a peer, it tells it of no places that are
   * free again: a peer that does not listen is not answered without end. Only that side may, or
   * both would wait for each other; and it always gives back what a PING took, or the peer could
   * not tell of its own places, and both would wait, too.
   */
  static final int MANY_UNSAID = 1_024;

  private final boolean serves;
  private int there = Slots.RECEIVING;
  private int free;
  private int pings;

  /** Counts from when both sides have all places. */
  Places(boolean serves) {
    this.serves = serves;
  }

  /** {@return whether something can be said: the last place is for a PING} */
  boolean maySay() {
    return there > 1;
  }

  /** {@return whether a PING is due: so many places are free again, and nothing tells of them} */
  boolean owes(int unsaid) {
    return free >= Slots.RECEIVING / 2 && there > 0 && tells(unsaid);
  }

  private boolean tells(int unsaid) {
    return !serves || unsaid < MANY_UNSAID;
  }

  /**
   * Something is said.
   *
   * @param unsaid how much there is to say behind it
   * @return how many free places it tells of
   */
  int say(int unsaid) {
    int told = tells(unsaid) ? free : pings;
    there--;
    free -= told;
    pings = 0;
    return told;
  }

  /**
   * Something was heard, and the place it came into is free again.
   *
   * @param told how many free places of the peer it tells of
   * @param ping whether it is a PING
   */
  void heard(int told, boolean ping) {
    there = Math.min(Slots.RECEIVING, there + told);
    free++;
    pings += ping ? 1 : 0;
  }
}
