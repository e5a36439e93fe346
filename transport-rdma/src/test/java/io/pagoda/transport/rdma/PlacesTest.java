package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.tck.Seeded;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two sides say what they have to say, each only where the other has a place for it. */
@ExtendWith(Seeded.class)
class PlacesTest {
  /** What is on its way. */
  private record Said(boolean ping, int places) {}

  /** A side, and what was said to it and not heard yet. */
  private static final class Side {
    final Places places;
    final ArrayDeque<Said> coming = new ArrayDeque<>();
    int unsaid;
    int mostUnsaid;
    int heard;

    Side(boolean serves) {
      places = new Places(serves);
    }

    void has(int more) {
      unsaid += more;
      mostUnsaid = Math.max(mostUnsaid, unsaid);
    }

    /** Says one thing, if it can. */
    boolean speaks(Side to) {
      if (unsaid > 0 && places.maySay()) {
        unsaid--;
        says(to, false);
      } else if (places.owes(unsaid)) {
        says(to, true);
      } else {
        return false;
      }
      return true;
    }

    void says(Side to, boolean ping) {
      to.coming.add(new Said(ping, places.say(unsaid)));
      assertTrue(to.coming.size() <= Slots.RECEIVING, "it was said where there is no place");
    }

    /** Hears one thing, if there is one; what is no PING is answered so often. */
    boolean hears(int answers) {
      Said one = coming.poll();
      if (one == null) {
        return false;
      }
      places.heard(one.places(), one.ping());
      if (!one.ping()) {
        heard++;
        has(answers);
      }
      return true;
    }

    /** Hears and says one thing each; {@code false} if it can do neither. */
    boolean acts(int answers, Side to) {
      boolean hears = hears(answers);
      return speaks(to) || hears;
    }
  }

  private static void talk(int questions, int answers, Random random) {
    Side asking = new Side(false);
    Side serving = new Side(true);
    asking.has(questions);
    boolean goesOn = true;
    while (goesOn) {
      int slower = random.nextInt(4); // one of the two, for a while
      for (int turn = random.nextInt(100); turn > 0; turn--) {
        if (random.nextInt(4) < slower) {
          asking.acts(0, serving);
        } else {
          serving.acts(answers, asking);
        }
      }
      goesOn = asking.acts(0, serving);
      goesOn = serving.acts(answers, asking) || goesOn;
    }
    assertEquals(questions, serving.heard, "questions that were heard");
    assertEquals(questions * answers, asking.heard, "answers that were heard");
    int most = Places.MANY_UNSAID + (Slots.RECEIVING + 1) * answers;
    assertTrue(serving.mostUnsaid <= most, () -> serving.mostUnsaid + " unsaid");
  }

  @Test
  void allIsHeardHoweverMuchThereIsToAnswer(Random random) {
    for (int answers : new int[] {0, 1, 2, 3, 10, 500}) {
      talk(3_000, answers, random);
    }
  }

  @Test
  void whoSeldomListensIsNotAnsweredWithoutEnd(Random random) {
    Side asking = new Side(false);
    Side serving = new Side(true);
    asking.has(Integer.MAX_VALUE);
    for (int round = 0; round < 100_000; round++) {
      asking.speaks(serving);
      serving.hears(1 + random.nextInt(20));
      serving.speaks(asking);
      if (round % 50 == 0) {
        asking.hears(0);
      }
    }
    assertTrue(serving.heard > 100, () -> serving.heard + " questions");
    int most = Places.MANY_UNSAID + (Slots.RECEIVING + 1) * 20;
    assertTrue(serving.mostUnsaid <= most, () -> serving.mostUnsaid + " unsaid");
  }

  @Test
  void thePlaceOfEachPingIsGivenBack() {
    Places serving = new Places(true);
    for (int i = 0; i < 20; i++) {
      serving.heard(0, i % 5 == 0);
    }
    assertEquals(4, serving.say(Places.MANY_UNSAID), "of PINGs");
    assertEquals(0, serving.say(Places.MANY_UNSAID), "these were told of");
    assertEquals(16, serving.say(Places.MANY_UNSAID - 1), "of all the others");
    assertEquals(0, serving.say(0));
  }
}
