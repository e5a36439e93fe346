package io.pagoda.node.demo;

import io.pagoda.BlockKeys;
import io.pagoda.node.replay.Request;
import io.pagoda.node.replay.RequestSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * The requests of many conversations that go on at the same time, in the order of their virtual
 * time. The same {@link Chat} makes the same requests.
 */
public final class Workload implements RequestSource {
  private final Function<int[], BlockKeys> hash;
  private final int tokensPerBlock;
  private final PriorityQueue<Session> sessions =
      new PriorityQueue<>(Comparator.comparing(Session::nextAt));
  private final int started;
  private int ended;

  /**
   * Creates the conversations.
   *
   * @param chat how people talk
   * @param tokensPerBlock tokens in each block
   * @param hash the keys of a prompt's blocks
   */
  public Workload(Chat chat, int tokensPerBlock, Function<int[], BlockKeys> hash) {
    this.hash = hash;
    this.tokensPerBlock = tokensPerBlock;
    this.started = chat.sessions();
    start(chat, new SplittableRandom(chat.seed()));
  }

  private void start(Chat chat, SplittableRandom random) {
    List<int[]> systemPrompts = new ArrayList<>();
    for (int i = 0; i < chat.systemPrompts(); i++) {
      systemPrompts.add(Session.words(random, chat.systemPromptTokens()));
    }
    Duration at = Duration.ZERO;
    for (int i = 0; i < chat.sessions(); i++) {
      int[] systemPrompt = systemPrompts.get(favourite(random, systemPrompts.size()));
      sessions.add(new Session(chat, random.split(), systemPrompt, at));
      at = at.plus(Session.wait(random, chat.arrivalGap()));
    }
  }

  /** {@return a number below {@code bound}; the lower, the likelier} */
  private static int favourite(SplittableRandom random, int bound) {
    return random.nextInt(1 + random.nextInt(bound));
  }

  @Override
  public Optional<Request> next() {
    Session session = sessions.poll();
    if (session == null) {
      return Optional.empty();
    }
    Duration at = session.nextAt();
    int[] prompt = session.ask();
    if (session.goesOn()) {
      sessions.add(session);
    } else {
      ended++;
    }
    return Optional.of(new Request(at, hash.apply(prompt), prompt.length));
  }

  @Override
  public double progress() {
    return (double) ended / started;
  }

  @Override
  public int tokensPerBlock() {
    return tokensPerBlock;
  }

  @Override
  public void close() {
    sessions.clear();
  }
}
