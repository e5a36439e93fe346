package io.pagoda.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.core.graph.Admission;
import io.pagoda.core.graph.Edge;
import io.pagoda.core.graph.Promotion;
import io.pagoda.core.graph.Quota;
import io.pagoda.core.graph.TierGraph;
import io.pagoda.core.graph.TierNode;
import io.pagoda.core.graph.WritePolicy;
import io.pagoda.core.index.BlockIndex;
import io.pagoda.core.space.Reservation;
import io.pagoda.core.space.Space;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who leaves, and where to. */
class SpaceTest {
  private static final int DISK = 1;

  private static final int FAR = 2;

  private final BlockIndex index = new BlockIndex(3, 64);
  private int next;

  private Space space(int hubSlots, WritePolicy write, Promotion promotion) {
    return space(hubSlots, new Edge("disk", write, promotion));
  }

  private Space space(int hubSlots, Edge... edges) {
    return new Space(index, graph(hubSlots, edges));
  }

  private static TierGraph graph(int hubSlots, Edge... edges) {
    List<TierNode> nodes = new ArrayList<>();
    nodes.add(EngineRig.node("host", new SimulatedHub(hubSlots, 64)));
    for (Edge edge : edges) {
      var tier = new SimulatedTier(3, 64, new SplittableRandom(1));
      nodes.add(EngineRig.node(edge.to(), tier));
    }
    return new TierGraph(nodes, List.of(edges), 64);
  }

  /** Two tiers below the hub, of which the colder has every block. */
  private Space overBoth(WritePolicy disk, Admission admission) {
    return space(
        1, new Edge("disk", disk, Promotion.MOVE, admission),
        new Edge("far", WritePolicy.THROUGH, Promotion.MOVE));
  }

  private int inHubAndFar(Space space) {
    int entry = add(BlockIndex.NONE);
    space.placeIn(entry, FAR);
    space.publish(entry, FAR);
    return inHub(space, entry);
  }

  private int add(int parent) {
    return index.add(0, ++next, parent, parent == BlockIndex.NONE ? 0 : index.depth(parent) + 1);
  }

  private int inHub(Space space, int entry) {
    index.assign(entry, Space.HUB, space.reserve(1).slots()[0]);
    space.publish(entry, Space.HUB);
    return entry;
  }

  private int onDisk(Space space, int entry) {
    space.placeIn(entry, DISK);
    space.publish(entry, DISK);
    return entry;
  }

  /** However many have, others get their turn between. */
  @Test
  void whatHasOutlivedItsTimeGoesAFewAtATime() {
    var now = new AtomicLong();
    var quota = new Quota(Namespace.of("a"), 64, Duration.ofSeconds(9));
    Space space = new Space(index, graph(16), List.of(quota), now::get);
    for (int i = 0; i < 10; i++) {
      int entry = add(BlockIndex.NONE);
      space.welcome(entry, 1);
      inHub(space, entry);
    }
    assertFalse(space.dropOutlived(4), "nothing has outlived its time");
    now.set(9);
    assertTrue(space.dropOutlived(4));
    assertEquals(6, space.used(Space.HUB));
    assertTrue(space.dropOutlived(4));
    assertFalse(space.dropOutlived(4));
    assertEquals(0, space.used(Space.HUB));
  }

  /** A write that failed must not keep its slot of the hub for as long as its successors live. */
  @Test
  void aBlockFollowsSuccessorsThatAreBelowWithoutIt() {
    Space space = space(1, WritePolicy.THROUGH, Promotion.COPY);
    int stem = inHub(space, add(BlockIndex.NONE));
    onDisk(space, add(stem));
    Reservation reservation = space.reserve(1);
    assertArrayEquals(new int[] {stem}, reservation.spills().entries());
  }

  /** A full disk evicts what it has instead of trying, for ever, slots it has no room for. */
  @Test
  void aTierWithoutRoomEvictsAndGrowsAgainWhenThereIsRoom() {
    Space space = space(1, WritePolicy.BACK, Promotion.MOVE);
    int oldest = onDisk(space, add(BlockIndex.NONE));
    int refused = add(BlockIndex.NONE);
    space.placeIn(refused, DISK);
    space.abandonFull(refused, DISK);
    assertEquals(1, space.used(DISK));
    onDisk(space, add(BlockIndex.NONE));
    assertEquals(1, space.evictions(DISK), "the disk has room for one block");
    assertEquals(BlockIndex.NONE, index.find(0, 1), oldest + " gave way");
    for (int i = 0; i < 1_000; i++) {
      onDisk(space, add(BlockIndex.NONE));
    }
    assertEquals(3, space.used(DISK), "there is room again, and nobody noticed");
  }

  @Test
  void aTierThatNeverHadRoomIsTriedAgain() {
    Space space = space(1, WritePolicy.BACK, Promotion.MOVE);
    for (int i = 0; i < 10; i++) {
      int refused = add(BlockIndex.NONE);
      assertEquals(true, space.placeIn(refused, DISK));
      space.abandonFull(refused, DISK);
    }
    assertEquals(0, space.used(DISK));
  }

  @Test
  void aBlockWithoutSuccessorsIsDroppedWhereWritesGoThrough() {
    Space space = space(1, WritePolicy.THROUGH, Promotion.COPY);
    int leaf = inHub(space, add(BlockIndex.NONE));
    assertEquals(List.of(1, 0), sizes(space.reserve(1)));
    assertEquals(BlockIndex.NONE, index.find(0, 1), leaf + " is gone");
  }

  @Test
  void aBlockLeavesTheHubAfterItsSuccessorsThere() {
    Space space = space(2, WritePolicy.BACK, Promotion.MOVE);
    int stem = inHub(space, add(BlockIndex.NONE));
    int leaf = inHub(space, add(stem));
    space.touch(leaf);
    assertArrayEquals(new int[] {leaf, stem}, space.reserve(2).spills().entries());
  }

  @Test
  void aBlockIsLostAfterItsSuccessors() {
    Space space = space(1, WritePolicy.BACK, Promotion.MOVE);
    int stem = onDisk(space, add(BlockIndex.NONE));
    int middle = onDisk(space, add(stem));
    onDisk(space, add(middle));
    onDisk(space, add(BlockIndex.NONE));
    assertEquals(2, index.match(BlockKeys.ofWords(new long[] {0, 1, 0, 2, 0, 3}), new int[3]));
  }

  @Test
  void whatIsPinnedStays() {
    Space space = space(2, WritePolicy.BACK, Promotion.MOVE);
    index.pin(inHub(space, add(BlockIndex.NONE)));
    int other = inHub(space, add(BlockIndex.NONE));
    assertArrayEquals(new int[] {other}, space.reserve(2).spills().entries());
  }

  @Test
  void theSpareCopyGoesFirstThoughItWasUsedLast() {
    Space space = space(2, WritePolicy.BACK, Promotion.MOVE);
    int first = onDisk(space, add(BlockIndex.NONE));
    int second = onDisk(space, add(BlockIndex.NONE));
    int spare = inHub(space, onDisk(space, add(BlockIndex.NONE)));
    space.touch(spare);
    onDisk(space, add(BlockIndex.NONE));
    assertEquals(BlockIndex.NONE, index.slot(spare, DISK));
    assertEquals(0, space.evictions(DISK), "the block itself has not left");
    onDisk(space, add(BlockIndex.NONE));
    assertEquals(BlockIndex.NONE, index.find(0, 1), first + " was the coldest");
    assertEquals(second, index.find(0, 2));
  }

  @Test
  void theSpareCopyCountsAgainWhenTheOtherLeavesTheHub() {
    Space space = space(1, WritePolicy.BACK, Promotion.MOVE);
    int first = onDisk(space, add(BlockIndex.NONE));
    int moved = inHub(space, onDisk(space, add(BlockIndex.NONE)));
    onDisk(space, add(BlockIndex.NONE));
    assertEquals(List.of(1, 0), sizes(space.reserve(1)), "nothing need be written");
    onDisk(space, add(BlockIndex.NONE));
    assertEquals(moved, index.find(0, 2));
    assertEquals(BlockIndex.NONE, index.find(0, 1), first + " is colder by now");
  }

  @Test
  void aBlockGoesToAFasterTierThanWhereItIsAlready() {
    Space space = overBoth(WritePolicy.BACK, Admission.ALL);
    int entry = inHubAndFar(space);
    Reservation reservation = space.reserve(1);
    assertArrayEquals(new int[] {entry}, reservation.spills().entries());
    assertArrayEquals(new int[] {DISK}, reservation.spills().tiers());
    assertEquals(0, space.alreadyPresent(FAR), "it was written");
  }

  @Test
  void aBlockThatIsInTheFasterTierIsNotWrittenAgain() {
    Space space = overBoth(WritePolicy.BACK, Admission.ALL);
    int entry = add(BlockIndex.NONE);
    onDisk(space, entry);
    inHub(space, entry);
    assertEquals(List.of(1, 0), sizes(space.reserve(1)));
    assertEquals(1, space.alreadyPresent(DISK));
  }

  @Test
  void theFasterTierTakesWhatItsRoadAdmits() {
    Space space = overBoth(WritePolicy.BACK, Admission.SECOND_TOUCH);
    int entry = inHubAndFar(space);
    space.touch(entry);
    Reservation reservation = space.reserve(1);
    assertEquals(List.of(1, 0), sizes(reservation), "it was used once");
    space.release(Space.HUB, reservation.slots()[0]);
    assertEquals(1, space.notAdmitted(DISK));
    assertEquals(1, space.alreadyPresent(FAR));
    int used = inHubAndFar(space);
    space.touch(used);
    space.touch(used);
    assertEquals(List.of(1, 1), sizes(space.reserve(1)));
  }

  @Test
  void aFasterTierThatTakesNothingBackGetsNothing() {
    for (WritePolicy write : List.of(WritePolicy.THROUGH, WritePolicy.NEVER)) {
      Space space = overBoth(write, Admission.ALL);
      inHubAndFar(space);
      assertEquals(List.of(1, 0), sizes(space.reserve(1)), write::toString);
    }
  }

  private static List<Integer> sizes(Reservation reservation) {
    return List.of(reservation.size(), reservation.spills().size());
  }
}
