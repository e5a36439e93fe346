package io.pagoda.node.replay;

import io.pagoda.BlockKeys;
import io.pagoda.node.trace.TraceReader;
import io.pagoda.node.trace.TraceRequest;
import java.util.List;
import java.util.Optional;

/**
 * The requests of a trace. Its ids stand for whole prefixes already, so a key is a function of the
 * id alone.
 *
 * @param reader the trace, closed with this source
 */
public record TraceSource(TraceReader reader) implements RequestSource {
  private static final long HIGH_SALT = 0x70a6_0da0_c0de_0001L;
  private static final long LOW_SALT = 0x70a6_0da0_c0de_0002L;

  @Override
  public Optional<Request> next() {
    return reader.next().map(TraceSource::request);
  }

  private static Request request(TraceRequest line) {
    return new Request(line.at(), keys(line.hashIds()), line.inputTokens());
  }

  /** {@return a key for each id; each half is a bijection, so different ids have different keys} */
  public static BlockKeys keys(List<Long> ids) {
    long[] words = new long[2 * ids.size()];
    for (int i = 0; i < ids.size(); i++) {
      words[2 * i] = Bits.mix(ids.get(i) ^ HIGH_SALT);
      words[2 * i + 1] = Bits.mix(ids.get(i) + LOW_SALT);
    }
    return BlockKeys.ofWords(words);
  }

  @Override
  public double progress() {
    return reader.progress();
  }

  @Override
  public int tokensPerBlock() {
    return reader.tokensPerBlock();
  }

  @Override
  public void close() {
    reader.close();
  }
}
