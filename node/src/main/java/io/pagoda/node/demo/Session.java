package io.pagoda.node.demo;

import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** One conversation: its text so far, and when the person asks next. */
final class Session {
  private static final int VOCABULARY = 128_000;

  private final Chat chat;
  private final RandomGenerator random;
  private int[] tokens;
  private int turnsLeft;
  private Duration nextAt;

  /**
   * Starts a conversation.
   *
   * @param chat how people talk
   * @param random this conversation's own chance
   * @param systemPrompt what it begins with
   * @param at when the first question comes
   */
  Session(Chat chat, RandomGenerator random, int[] systemPrompt, Duration at) {
    this.chat = chat;
    this.random = random;
    this.tokens = systemPrompt;
    this.turnsLeft = 1 + random.nextInt(2 * chat.turns() - 1);
    this.nextAt = at;
  }

  /** {@return when the person asks next} */
  Duration nextAt() {
    return nextAt;
  }

  /** {@return whether there is a next question} */
  boolean goesOn() {
    return turnsLeft > 0;
  }

  /** Adds a question, and returns the whole prompt; the answer follows it. */
  int[] ask() {
    append(chat.questionTokens());
    int[] prompt = tokens;
    append(chat.answerTokens());
    turnsLeft--;
    nextAt = nextAt.plus(wait(random, chat.thinkTime()));
    return prompt;
  }

  private void append(int about) {
    int[] more = words(random, about);
    int[] longer = Arrays.copyOf(tokens, tokens.length + more.length);
    System.arraycopy(more, 0, longer, tokens.length, more.length);
    tokens = longer;
  }

  /** {@return half as many to one and a half times as many random tokens as {@code about}} */
  static int[] words(RandomGenerator random, int about) {
    int length = Math.max(1, about / 2 + random.nextInt(about + 1));
    return random.ints(length, 0, VOCABULARY).toArray();
  }

  /** {@return a time after which something that happens by chance happens} */
  static Duration wait(RandomGenerator random, Duration mean) {
    return Duration.ofNanos((long) (mean.toNanos() * random.nextExponential()));
  }
}
