package io.pagoda.node.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.ModelFingerprint;
import io.pagoda.node.replay.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  private static final Chat CHAT =
      new Chat(7, 50, 3, 300, 4, 60, 40, Duration.ofSeconds(1), Duration.ofSeconds(10));

  private static List<Request> requests(Chat chat) {
    BlockHasher hasher = BlockHasher.of(ModelFingerprint.of("test", 4096), 16);
    List<Request> requests = new ArrayList<>();
    try (Workload workload =
        new Workload(chat, 16, tokens -> hasher.keys(Namespace.SHARED, tokens))) {
      Optional<Request> request = workload.next();
      while (request.isPresent()) {
        requests.add(request.get());
        request = workload.next();
      }
      assertEquals(1, workload.progress());
    }
    return requests;
  }

  @Test
  void theSameSeedMakesTheSameRequests() {
    assertEquals(requests(CHAT), requests(CHAT));
  }

  @Test
  void anotherSeedMakesOthers() {
    assertNotEquals(requests(CHAT), requests(CHAT.withSeed(8)));
  }

  @Test
  void requestsComeInTheOrderOfTheirTime() {
    Duration last = Duration.ZERO;
    for (Request request : requests(CHAT)) {
      assertTrue(request.at().compareTo(last) >= 0);
      last = request.at();
    }
  }

  @Test
  void everyConversationBeginsWithASharedSystemPrompt() {
    Set<BlockKeys> beginnings = new HashSet<>();
    for (Request request : requests(CHAT)) {
      beginnings.add(request.keys().prefix(9));
    }
    assertEquals(3, beginnings.size());
  }

  @Test
  void aTurnContinuesTheOneBefore() {
    List<Request> requests = requests(CHAT);
    assertTrue(requests.size() > 2 * CHAT.sessions(), requests.size() + " requests");
    long continued = requests.stream()
        .filter(turn -> requests.stream().anyMatch(o -> precedes(o, turn)))
        .count();
    assertEquals(requests.size() - CHAT.sessions(), continued);
  }

  private static boolean precedes(Request earlier, Request later) {
    int blocks = earlier.keys().size();
    return earlier.at().compareTo(later.at()) < 0
        && blocks < later.keys().size()
        && later.keys().prefix(blocks).equals(earlier.keys());
  }
}
