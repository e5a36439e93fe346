package io.pagoda.node.trace;

import io.pagoda.core.trace.TraceHeader;
import java.io.IOException;
import java.util.List;

/**
 * The first line of each part of a trace that a store wrote.
 *
 * @param run which run of the store it is of
 * @param part the number of the part, from 0
 * @param tiers what the store's tiers are called, hottest first
 * @param config what opens such a store: an object with what is below {@code pagoda}
 */
public record PagodaHeader(String run, int part, List<String> tiers, String config) {
  /** Copies the list. */
  public PagodaHeader {
    tiers = List.copyOf(tiers);
  }

  static PagodaHeader read(byte[] line, int length) throws IOException {
    PagodaFields fields = PagodaFields.read(line, length);
    if (!fields.has(TraceHeader.FORMAT)) {
      throw new IOException("the first line has no '%s'".formatted(TraceHeader.FORMAT));
    }
    long version = fields.number(TraceHeader.FORMAT, Long.MAX_VALUE);
    if (version != TraceHeader.VERSION) {
      throw new IOException(
          "version %d of the format; this Pagoda reads version %d"
              .formatted(version, TraceHeader.VERSION));
    }
    return new PagodaHeader(
        fields.text("run"), fields.number("part", Integer.MAX_VALUE), fields.texts("tiers"),
        fields.text("config"));
  }
}
