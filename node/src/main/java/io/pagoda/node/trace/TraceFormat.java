package io.pagoda.node.trace;

import java.io.IOException;
import java.util.Locale;

/** What the lines of a trace are. */
public enum TraceFormat {
  /** JSON objects of Mooncake's traces, with an id for every 512 tokens. */
  MOONCAKE,
  /** The same fields, with seconds, and an id for every 16 tokens: Alibaba's traces of Qwen. */
  BAILIAN,
  /** What a store writes of its own requests, which {@link PagodaTrace} reads. */
  PAGODA;

  /** {@return how many tokens a block has} */
  public int tokensPerBlock() {
    return switch (this) {
      case MOONCAKE -> MooncakeLine.TOKENS_PER_BLOCK;
      case BAILIAN -> MooncakeLine.BAILIAN_TOKENS_PER_BLOCK;
      case PAGODA -> throw notOfRequests();
    };
  }

  /** Reads a line; the message of an exception says what is wrong, without the place. */
  TraceRequest read(byte[] line, int length) throws IOException {
    return switch (this) {
      case MOONCAKE -> MooncakeLine.read(line, length, 1);
      case BAILIAN -> MooncakeLine.read(line, length, 1_000);
      case PAGODA -> throw notOfRequests();
    };
  }

  private TraceException notOfRequests() {
    return new TraceException(
        "The format '%s' is of what a store was asked, which is replayed as it was".formatted(this),
        null);
  }

  /** {@return the word for it on the command line} */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
