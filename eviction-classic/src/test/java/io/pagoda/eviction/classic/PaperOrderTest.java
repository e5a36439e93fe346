package io.pagoda.eviction.classic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.eviction.EvictionPolicy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Sequences worked by hand from the definitions in the papers. A cache is asked for letters; what
 * is told is who had to go for whom. Before each letter may stand how deep in its prefix it is.
 */
class PaperOrderTest {
  private static final int LONG = 70;
  private static final int STRIDE = 100;

  /** Blocks by letter, in slots. */
  private static final class Cache {
    private final EvictionPolicy policy;
    private final Map<Character, Integer> slots = new HashMap<>();
    private final char[] held;
    private final StringBuilder gone = new StringBuilder();

    Cache(EvictionPolicy policy, int size) {
      this.policy = policy;
      this.held = new char[size];
    }

    private void ask(char letter, int depth) {
      Integer there = slots.get(letter);
      if (there == null) {
        int slot = slots.size() < held.length ? slots.size() : evict(letter);
        slots.put(letter, slot);
        held[slot] = letter;
        policy.admitted(slot, letter, depth);
        policy.touched(slot);
      } else {
        policy.touched(there);
      }
    }

    private int evict(char forWhom) {
      int slot = policy.coldest(_ -> true);
      policy.removed(slot);
      slots.remove(held[slot]);
      gone.append(forWhom).append(held[slot]).append(' ');
      return slot;
    }

    String ask(String letters) {
      int depth = 0;
      for (int i = 0; i < letters.length(); i++) {
        char letter = letters.charAt(i);
        if (Character.isDigit(letter)) {
          depth = letter - '0';
        } else if (letter != ' ') {
          ask(letter, depth);
          depth = 0;
        }
      }
      return gone.toString().strip();
    }
  }

  /** First what was used once; then whose use before the last is the oldest, though it was gone. */
  @Test
  void lru2ComparesTheUsesBeforeTheLast() {
    assertEquals("cb bc da", new Cache(new Lru2Policy(2, 10), 2).ask("ab a c b d"));
  }

  /** Without a history a block that returns was used once. */
  @Test
  void lru2ForgetsWhatItsHistoryDoesNotHold() {
    assertEquals("cb bc db", new Cache(new Lru2Policy(2, 2), 2).ask("ab a c b a d"));
  }

  /**
   * A ghost of what was used once raises the target by one, one of what was used again lowers it:
   * from the victim after on.
   */
  @Test
  void arcMovesItsTargetWithGhosts() {
    assertEquals("cb bc da ab ed", new Cache(new ArcPolicy(2), 2).ask("ab a c b d a e"));
  }

  /** Two uses in the small queue, or a ghost, lead to the main one; a use there is a round more. */
  @Test
  void s3FifoPassesWhatIsUsedTwiceOrComesBackToTheMainQueue() {
    assertEquals(
        "eb bc fd ge df eg hb",
        new Cache(new S3FifoPolicy(4, .25), 4).ask("abcd aa e b f g d a e h"));
  }

  /** The hand takes marks away and goes on from where it stood. */
  @Test
  void sievePassesWhatIsMarked() {
    assertEquals("db ec fe ga", new Cache(new SievePolicy(3), 3).ask("abc a d e d f g"));
  }

  /** A block used twice long ago is as good as one used once since so many went. */
  @Test
  void lfuDaLetsOldUsesCountLess() {
    assertEquals("dc ea fb gd he", new Cache(AgingPolicy.lfuDa(3), 3).ask("abc ab d e f g h"));
  }

  /** Each use counts by the cost: 1 for the first of a prefix, 2 for the second, and so on. */
  @Test
  void gdsfWeighsUsesByCost() {
    assertEquals("da eb fc ge", new Cache(AgingPolicy.gdsf(3, 1), 3).ask("0a1b2c 0d 0e d 0f 0g"));
  }

  /** Of what was used equally often the deepest goes, and then who came first. */
  @Test
  void lengthAwareLetsTheDeepestGo() {
    assertEquals("dc eb fe gd", new Cache(new LengthAwarePolicy(3), 3).ask("0a1b2c 0d 5e 0f a 9g"));
  }

  /** What leaves the window goes at once, unless it was used more often than who would go. */
  @Test
  void tinyLfuAdmitsWhatIsUsedMoreOften() {
    assertEquals(
        "ed fa gf dg hb", new Cache(new TinyLfuPolicy(4, .25), 4).ask("abcd e e f c g d h"));
  }

  /** A chain is one: the frequency of its first block is that of all. */
  @Test
  void tinyLfuAdmitsChainsWhole() {
    var cache = new Cache(new TinyLfuPolicy(4, .5), 4);
    assertEquals("ec fd ga hb", cache.ask("0a 0b 0c1d 0e1f e 0g1h"));
  }

  /** Conversations that return outlast prompts that come once, though those are more recent. */
  @Test
  void adaptiveLearnsWhatComesBack() {
    int slots = 240;
    var policy = new AdaptivePolicy(slots, 4 * slots);
    var tier = new Prompts(policy, slots);
    long once = 1_000_000;
    int found = 0;
    for (int round = 0; round < 600; round++) {
      found += tier.ask(round % 10, 10) && round >= 400 ? 1 : 0;
      for (int i = 0; i < 3; i++) {
        tier.ask(once++, LONG);
      }
    }
    assertTrue(found >= 180, found + " of 200 came back to what was there");
  }

  /** Prefixes that nobody shares, evicted from their ends. */
  private static final class Prompts {
    private final EvictionPolicy policy;
    private final Map<Long, Integer> slotOf = new HashMap<>();
    private final long[] blockIn;
    private int used;

    Prompts(EvictionPolicy policy, int slots) {
      this.policy = policy;
      this.blockIn = new long[slots];
    }

    /** {@return whether all of a prompt was there} */
    boolean ask(long prompt, int blocks) {
      boolean whole = true;
      int[] slots = new int[blocks];
      for (int i = 0; i < blocks; i++) {
        long block = prompt * STRIDE + i;
        Integer there = slotOf.get(block);
        whole &= there != null;
        slots[i] = there == null ? bring(block, i, prompt) : there;
      }
      for (int i = blocks - 1; i >= 0; i--) {
        policy.touched(slots[i]);
      }
      return whole;
    }

    private int bring(long block, int depth, long prompt) {
      int slot = used < blockIn.length ? used++ : evict(prompt);
      slotOf.put(block, slot);
      blockIn[slot] = block;
      policy.admitted(slot, block, depth);
      return slot;
    }

    private int evict(long prompt) {
      int slot = policy.coldest(
          each -> blockIn[each] / STRIDE != prompt && !slotOf.containsKey(blockIn[each] + 1));
      policy.removed(slot);
      slotOf.remove(blockIn[slot]);
      return slot;
    }
  }
}
