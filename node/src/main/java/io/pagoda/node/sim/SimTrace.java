package io.pagoda.node.sim;

import io.pagoda.BlockKeys;
import io.pagoda.core.trace.TraceLine;
import io.pagoda.node.replay.TraceSource;
import io.pagoda.node.trace.PagodaTrace;
import io.pagoda.node.trace.TraceException;
import io.pagoda.node.trace.TraceFormat;
import io.pagoda.node.trace.TraceReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The requests of a trace, in memory.
 *
 * @param requests the keys of each, in order
 * @param references how many blocks they ask for
 */
public record SimTrace(List<BlockKeys> requests, long references) {
  /** Copies the list. */
  public SimTrace {
    requests = List.copyOf(requests);
  }

  /** {@return a trace of these requests} */
  public static SimTrace of(List<BlockKeys> requests) {
    return new SimTrace(requests, requests.stream().mapToLong(BlockKeys::size).sum());
  }

  /** {@return a key for each id of a prefix} */
  static BlockKeys keys(List<Long> ids) {
    return TraceSource.keys(ids);
  }

  /**
   * Reads a trace. Of one that a store wrote, a request is what was fetched, with the put that went
   * on from there, or what was put without; see {@link RecordedRequests}.
   *
   * @throws TraceException if it is not what its format says, or empty
   */
  public static SimTrace read(Path file, TraceFormat format) {
    SimTrace trace = format == TraceFormat.PAGODA ? recorded(file) : requested(file, format);
    if (trace.references == 0) {
      throw new TraceException("%s: no request in this trace".formatted(file), null);
    }
    return trace;
  }

  private static SimTrace requested(Path file, TraceFormat format) {
    List<BlockKeys> requests = new ArrayList<>();
    try (TraceSource source = new TraceSource(TraceReader.open(file, format))) {
      for (var next = source.next(); next.isPresent(); next = source.next()) {
        requests.add(next.orElseThrow().keys());
      }
    }
    return of(requests);
  }

  private static SimTrace recorded(Path file) {
    RecordedRequests recorded = new RecordedRequests();
    try (PagodaTrace trace = PagodaTrace.open(file)) {
      for (Optional<TraceLine> line = trace.next(); line.isPresent(); line = trace.next()) {
        recorded.add(line.orElseThrow());
      }
    }
    return of(recorded.requests());
  }
}
