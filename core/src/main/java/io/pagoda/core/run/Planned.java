package io.pagoda.core.run;

import io.pagoda.core.plan.TransferPlan;
import java.util.List;

/**
 * A plan and what was taken for it.
 *
 * @param plan what moves
 * @param taken for each task what was taken for it, in the order of their positions
 * @param pinned the entries at all positions, then those of the spills
 * @param positions how many positions there are
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, and never compared
public record Planned(TransferPlan plan, List<Taken> taken, int[] pinned, int positions) {}
