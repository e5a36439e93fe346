package io.pagoda.core.trace;

import io.pagoda.core.trace.TraceLine.Cancelled;
import io.pagoda.core.trace.TraceLine.Closed;
import io.pagoda.core.trace.TraceLine.Drafted;
import io.pagoda.core.trace.TraceLine.Dropped;
import io.pagoda.core.trace.TraceLine.Emptied;
import io.pagoda.core.trace.TraceLine.Ended;
import io.pagoda.core.trace.TraceLine.Fetched;
import io.pagoda.core.trace.TraceLine.Finished;
import io.pagoda.core.trace.TraceLine.Launched;
import io.pagoda.core.trace.TraceLine.Matched;
import io.pagoda.core.trace.TraceLine.Prefetched;
import io.pagoda.core.trace.TraceLine.Put;
import io.pagoda.core.trace.TraceLine.Reset;

/** How the lines of a trace are written. */
final class TraceText {
  private TraceText() {}

  static Json of(TraceLine line) {
    return switch (line) {
      case Matched match -> begun("match", match.number(), match.at()).field("found", match.found())
          .field("tiers", match.tiers())
          .field("us", match.micros())
          .keys(match.keys());
      case Fetched fetch ->
        begun("fetch", fetch.number(), fetch.at()).field("matches", fetch.matches())
            .field("blocks", fetch.blocks());
      case Prefetched prefetch ->
        begun("prefetch", prefetch.number(), prefetch.at()).field("match", prefetch.match());
      case Put put ->
        begun("put", put.number(), put.at()).field("namespace", put.namespace().parts())
            .keys(put.keys());
      case Drafted draft ->
        begun("draft", draft.number(), draft.at()).field("namespace", draft.namespace().parts())
            .field("found", draft.found())
            .keys(draft.keys());
      case Launched launch ->
        begun("launch", launch.number(), launch.at()).field("drafts", launch.drafts());
      case Closed close -> begun("close", close.number(), close.at());
      case Cancelled cancel -> begun("cancel", cancel.number(), cancel.at());
      case Ended end -> begun("end", end.number(), end.at()).field("end", end.end().name())
          .field("blocks", end.blocks())
          .field("us", end.micros());
      case Finished finished ->
        begun("finished", finished.number(), finished.at()).field("blocks", finished.blocks())
            .field("us", finished.micros());
      case Reset reset -> begun("reset", reset.number(), reset.at());
      case Emptied emptied -> begun("emptied", emptied.number(), emptied.at());
      case Dropped dropped ->
        new Json().field("op", "dropped").field("at", dropped.at()).field("lines", dropped.lines());
    };
  }

  private static Json begun(String op, long number, long at) {
    return new Json().field("op", op).field("n", number).field("at", at);
  }
}
