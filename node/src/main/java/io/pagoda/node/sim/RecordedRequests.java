package io.pagoda.node.sim;

import io.pagoda.BlockKey;
import io.pagoda.BlockKeys;
import io.pagoda.core.trace.TraceLine;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells the requests of a trace that a store wrote.
 *
 * <p>A request is what was fetched of a match, and its place is that of the fetch. Whoever fetches
 * a prefix, computes what follows and puts the whole asks once: a put that goes on from what was
 * fetched belongs to the last such fetch, if none has taken it and no match since has found those
 * blocks gone. Every other put is a request of its own. A match that nobody fetches uses nothing,
 * and is no request, nor is a prefetch. That the store was told to forget is not heard here.
 *
 * <p><b>Threads.</b> One at a time.
 *
 * <p><b>Memory.</b> All requests, and the matches and drafts that are open.
 */
final class RecordedRequests {
  private final List<BlockKeys> requests = new ArrayList<>();

  /** The keys of what is open, by its number. */
  private final Map<Long, BlockKeys> open = new HashMap<>();

  /** Fetches whose put may come, by the last block they fetched. */
  private final Map<BlockKey, Deque<Integer>> fetched = new HashMap<>();

  /** {@return the requests so far, in order} */
  List<BlockKeys> requests() {
    return List.copyOf(requests);
  }

  /** Takes the next line. */
  void add(TraceLine line) {
    switch (line) {
      case TraceLine.Matched match -> matched(match);
      case TraceLine.Fetched fetch -> fetched(fetch);
      case TraceLine.Prefetched prefetch -> open.remove(prefetch.match());
      case TraceLine.Put put -> put(put.keys());
      case TraceLine.Drafted draft -> open.put(draft.number(), draft.keys());
      case TraceLine.Launched launch -> launched(launch);
      case TraceLine.Closed close -> open.remove(close.number());
      case TraceLine.Cancelled _,TraceLine.Ended _,TraceLine.Finished _ -> {}
      case TraceLine.Reset _,TraceLine.Emptied _,TraceLine.Dropped _ -> {}
    }
  }

  private void matched(TraceLine.Matched match) {
    open.put(match.number(), match.keys());
    for (int i = match.found(); i < match.keys().size() && !fetched.isEmpty(); i++) {
      fetched.remove(match.keys().key(i));
    }
  }

  private void fetched(TraceLine.Fetched fetch) {
    for (int i = 0; i < fetch.matches().size(); i++) {
      BlockKeys keys = open.remove(fetch.matches().get(i));
      int blocks = fetch.blocks().get(i);
      if (keys != null && blocks > 0) {
        fetched.computeIfAbsent(keys.key(blocks - 1), _ -> new ArrayDeque<>())
            .push(requests.size());
        requests.add(keys.prefix(blocks));
      }
    }
  }

  private void launched(TraceLine.Launched launch) {
    for (long draft : launch.drafts()) {
      BlockKeys keys = open.remove(draft);
      if (keys != null) {
        put(keys);
      }
    }
  }

  private void put(BlockKeys keys) {
    for (int i = keys.size() - 1; i >= 0 && !fetched.isEmpty(); i--) {
      Deque<Integer> numbers = fetched.get(keys.key(i));
      if (numbers != null) {
        requests.set(numbers.pop(), keys);
        if (numbers.isEmpty()) {
          fetched.remove(keys.key(i));
        }
        return;
      }
    }
    if (keys.size() > 0) {
      requests.add(keys);
    }
  }
}
