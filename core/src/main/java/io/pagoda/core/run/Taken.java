package io.pagoda.core.run;

import io.pagoda.core.plan.Copies;
import io.pagoda.core.space.Reservation;
import java.util.List;

/**
 * What was taken for one request: pins on its blocks, slots for those that have none. Blocks that
 * no room was found for are left to be taken later, and their pins with them.
 *
 * @param entries the request's blocks, as far as they were planned, in order; all pinned
 * @param tiers for a fetch the tier to take each from
 * @param slots for a fetch its slot there
 * @param gathered for a put the number of each among the reserved slots, or {@link Copies#IN_HUB}
 * @param reservation slots of the hub
 * @param copies what is to be written to colder tiers
 * @param arriving positions of blocks that another plan is bringing into the hub
 * @param uncopied positions of blocks that a tier which is written through has no room for
 * @param left blocks that no room was found for, still pinned
 * @param shortage why not every block was planned; empty if all were
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, and never compared
public record Taken(
    int[] entries, int[] tiers, int[] slots, int[] gathered, Reservation reservation,
    List<Copies> copies, int[] arriving, int[] uncopied, int[] left, String shortage) {
  /** {@return how many blocks were planned} */
  public int size() {
    return entries.length;
  }

  /** {@return the same with another reason for what was not planned} */
  public Taken because(String reason) {
    return new Taken(
        entries, tiers, slots, gathered, reservation, copies, arriving, uncopied, left, reason);
  }
}
