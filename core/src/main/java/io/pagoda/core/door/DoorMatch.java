package io.pagoda.core.door;

import io.pagoda.KvMatch;
import io.pagoda.KvTask.Kind;
import io.pagoda.Match;
import io.pagoda.Namespace;
import io.pagoda.TokenMask;

/** What a store holds of a request. */
final class DoorMatch extends DoorPlan implements KvMatch {
  final Match match;
  private final Blocks asked;

  DoorMatch(TokenDoor door, long id, Namespace namespace, Blocks asked, Match match) {
    super(door, id, namespace);
    this.match = match;
    this.asked = asked;
  }

  @Override
  Kind kind() {
    return Kind.FETCH;
  }

  @Override
  public TokenMask tokens() {
    return moved(match.blocks());
  }

  @Override
  TokenMask moved(int blocks) {
    return asked.leading(blocks);
  }

  @Override
  public int tokensAt(String tier) {
    return match.blocksAt(tier) * asked.tokensPerBlock();
  }

  /** A match is counted when it is made, by where its tokens are. */
  @Override
  void count(int moved) {}

  @Override
  void release() {
    match.close();
  }
}
