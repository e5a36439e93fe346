package io.pagoda.node.demo;

import java.time.Duration;

/**
 * How people talk to a model, in a generated workload.
 *
 * @param seed makes the same workload every time
 * @param sessions how many conversations there are
 * @param systemPrompts how many different system prompts they begin with; the first are the most
 *     common
 * @param systemPromptTokens how long a system prompt is, about
 * @param turns how often a person asks in one conversation, about
 * @param questionTokens how long a question is, about
 * @param answerTokens how long an answer is, about
 * @param arrivalGap between the starts of two conversations, on average
 * @param thinkTime between an answer and the next question, on average
 */
public record Chat(
    long seed, int sessions, int systemPrompts, int systemPromptTokens, int turns,
    int questionTokens, int answerTokens, Duration arrivalGap, Duration thinkTime) {
  /** What the demonstration shows. */
  public static final Chat DEMO =
      new Chat(1, 400, 8, 1500, 5, 400, 350, Duration.ofSeconds(3), Duration.ofSeconds(40));

  /** {@return the same with another seed} */
  public Chat withSeed(long other) {
    return new Chat(
        other, sessions, systemPrompts, systemPromptTokens, turns, questionTokens, answerTokens,
        arrivalGap, thinkTime);
  }

  /** Checks the values. */
  public Chat {
    if (Math.min(Math.min(sessions, systemPrompts), turns) < 1
        || Math.min(Math.min(systemPromptTokens, questionTokens), answerTokens) < 1) {
      throw new IllegalArgumentException("There is at least 1 of everything in a chat");
    }
  }
}
