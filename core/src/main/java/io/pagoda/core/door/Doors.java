package io.pagoda.core.door;

import io.pagoda.BlockStore;
import io.pagoda.KvCache;
import io.pagoda.KvMiss.Elsewhere;
import io.pagoda.KvRequest;
import io.pagoda.ModelSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The caches of one store. Models that share a store are opened here together, so that each can
 * tell when another holds the tokens that it lacks.
 *
 * <p><b>Threads.</b> Safe for use by many threads.
 */
public final class Doors {
  /** How many other names an answer lists at most. */
  private static final int LISTED = 8;

  private final BlockStore store;
  private final List<TokenDoor> open = new CopyOnWriteArrayList<>();

  /**
   * Creates no doors yet.
   *
   * @param store what is behind them; it is closed after them, by its owner
   */
  public Doors(BlockStore store) {
    this.store = store;
  }

  /**
   * Opens a model's cache.
   *
   * @param model whose; its block size should be the store's
   */
  public KvCache open(ModelSpec model) {
    var door = new TokenDoor(this, store, model);
    open.add(door);
    return door;
  }

  void closed(TokenDoor door) {
    open.remove(door);
  }

  /** {@return under which other names more than {@code held} of a request's tokens are held} */
  List<Elsewhere> elsewhere(TokenDoor asking, KvRequest request, int held) {
    List<Elsewhere> found = new ArrayList<>();
    for (TokenDoor door : open) {
      found.addAll(door.heldFor(asking, request, held));
    }
    found.sort(Comparator.comparingInt(Elsewhere::tokens).reversed());
    return found.subList(0, Math.min(found.size(), LISTED));
  }
}
