package io.pagoda.core;

/**
 * What a drain has done.
 *
 * @param moved how many blocks went on their way to the next tier
 * @param left how many are in the tier still: they are in use, found no room, or may go nowhere
 * @param whole whether each block was tried; not if the tier failed, was kept or emptied meanwhile
 */
public record Drained(int moved, int left, boolean whole) {
  /** {@return what two drains have done together} */
  public Drained and(Drained other) {
    return new Drained(moved + other.moved, left + other.left, whole && other.whole);
  }

  /** {@return the same for people} */
  @Override
  public String toString() {
    return "%d blocks moved, %d stay%s".formatted(moved, left, whole ? "" : ", cut short");
  }
}
