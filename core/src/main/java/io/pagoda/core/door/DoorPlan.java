package io.pagoda.core.door;

import io.pagoda.KvPlan;
import io.pagoda.KvTask.Kind;
import io.pagoda.Namespace;
import io.pagoda.TokenMask;
import java.util.concurrent.atomic.AtomicBoolean;

/** A plan of one door. Whoever takes it first, to launch or to close it, has it. */
abstract sealed class DoorPlan implements KvPlan permits DoorMatch, DoorDraft {
  final TokenDoor door;
  private final long id;
  private final Namespace namespace;
  private final AtomicBoolean taken = new AtomicBoolean();

  DoorPlan(TokenDoor door, long id, Namespace namespace) {
    this.door = door;
    this.id = id;
    this.namespace = namespace;
  }

  /** {@return what it becomes} */
  abstract Kind kind();

  /** {@return which tokens have moved when {@code blocks} leading blocks are in place} */
  abstract TokenMask moved(int blocks);

  /** Counts the tokens that moved. */
  abstract void count(int moved);

  /** Gives up what the store holds for it. */
  abstract void release();

  @Override
  public final long id() {
    return id;
  }

  @Override
  public final Namespace namespace() {
    return namespace;
  }

  /** {@return whether the plan is the caller's now} */
  final boolean take() {
    return taken.compareAndSet(false, true);
  }

  /** Makes the plan anybody's again. */
  final void putBack() {
    taken.set(false);
  }

  @Override
  public final void close() {
    if (take()) {
      door.tasks.forget(this);
      release();
    }
  }
}
