package io.pagoda.core.door;

import io.pagoda.Draft;
import io.pagoda.KvDraft;
import io.pagoda.KvTask.Kind;
import io.pagoda.TokenMask;
import io.pagoda.core.door.Namespaces.Known;
import java.util.BitSet;

/** What a store lacks of a request. */
final class DoorDraft extends DoorPlan implements KvDraft {
  final Draft draft;
  private final Usage usage;
  private final Blocks asked;
  private final BitSet lacking = new BitSet();

  DoorDraft(TokenDoor door, long id, Known known, Blocks asked, Draft draft) {
    super(door, id, known.namespace());
    this.usage = known.usage();
    this.draft = draft;
    this.asked = asked;
    for (int block = 0; block < draft.blocks(); block++) {
      lacking.set(block, draft.lacks(block));
    }
  }

  @Override
  Kind kind() {
    return Kind.PUT;
  }

  @Override
  public TokenMask tokens() {
    return moved(draft.blocks());
  }

  @Override
  TokenMask moved(int blocks) {
    return asked.leading(blocks, lacking);
  }

  @Override
  public int held() {
    return draft.blocks() * asked.tokensPerBlock();
  }

  /** {@return a pool block for every key, of those that are read the ones given} */
  int[] spread(int[] blocks) {
    int[] every = new int[draft.keys().size()];
    System.arraycopy(blocks, 0, every, Math.max(0, lacking.nextSetBit(0)), blocks.length);
    return every;
  }

  @Override
  void count(int moved) {
    usage.stored(moved);
  }

  @Override
  void release() {
    draft.close();
  }
}
