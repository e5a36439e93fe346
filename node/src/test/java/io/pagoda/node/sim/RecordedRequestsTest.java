package io.pagoda.node.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.core.trace.TraceLine;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Requests of lines that a store wrote. */
class RecordedRequestsTest {
  private static final BlockKeys A = keys(1, 2, 3);
  private static final BlockKeys B = keys(7, 8);
  private static final BlockKeys LONGER = keys(1, 2, 3, 4, 5);

  private final RecordedRequests recorded = new RecordedRequests();
  private long number;

  private static BlockKeys keys(long... ids) {
    return BlockKeys.ofWords(
        LongStream.of(ids).flatMap(id -> LongStream.of(id * 0x9E3779B97F4A7C15L, id)).toArray());
  }

  private long match(BlockKeys keys, int found) {
    recorded.add(new TraceLine.Matched(number, 0, keys, found, List.of(found), 1));
    return number++;
  }

  private void fetch(int blocks, long match) {
    recorded.add(new TraceLine.Fetched(number++, 0, List.of(match), List.of(blocks)));
  }

  private void put(BlockKeys keys) {
    recorded.add(new TraceLine.Put(number++, 0, keys, Namespace.SHARED));
  }

  private long draft(BlockKeys keys) {
    recorded.add(new TraceLine.Drafted(number, 0, keys, Namespace.SHARED, keys.size()));
    return number++;
  }

  private void close(long match) {
    recorded.add(new TraceLine.Closed(match, 0));
  }

  @Test
  void aMatchThatIsClosedIsNoRequest() {
    put(A);
    close(match(B, 0));
    fetch(3, match(A, 3));
    assertEquals(List.of(A, A), recorded.requests());
  }

  @Test
  void aPrefetchIsNoRequest() {
    recorded.add(new TraceLine.Prefetched(number++, 0, match(A, 3)));
    assertEquals(List.of(), recorded.requests());
  }

  @Test
  void everyPutIsARequestWhereNothingWasFetched() {
    put(A);
    put(LONGER);
    put(B);
    assertEquals(List.of(A, LONGER, B), recorded.requests());
  }

  @Test
  void aDraftIsARequestWhenItIsLaunched() {
    long a = draft(A);
    long b = draft(B);
    close(draft(LONGER));
    recorded.add(new TraceLine.Launched(number++, 0, List.of(b, a)));
    assertEquals(List.of(B, A), recorded.requests());
  }

  @Test
  void whatIsFetchedAndThenPutIsOneRequestAndItsPlaceIsTheFetch() {
    fetch(2, match(LONGER, 2));
    put(B);
    put(LONGER);
    assertEquals(List.of(LONGER, B), recorded.requests());
  }

  @Test
  void aFetchHasOnePut() {
    fetch(3, match(A, 3));
    put(LONGER);
    put(LONGER);
    assertEquals(List.of(LONGER, LONGER), recorded.requests());
  }

  @Test
  void aPutBelongsToTheLastFetchThatItGoesOnFrom() {
    fetch(3, match(A, 3));
    fetch(3, match(A, 3));
    put(LONGER);
    assertEquals(List.of(A, LONGER), recorded.requests());
  }

  @Test
  void severalFetchesAtOnceAreARequestEach() {
    long a = match(A, 3);
    long b = match(B, 1);
    recorded.add(new TraceLine.Fetched(number, 0, List.of(a, b), List.of(2, 1)));
    assertEquals(List.of(A.prefix(2), B.prefix(1)), recorded.requests());
  }

  @Test
  void whoFindsThatBlocksAreGoneAsksAnew() {
    fetch(3, match(A, 3));
    close(match(LONGER, 0));
    put(LONGER);
    assertEquals(List.of(A, LONGER), recorded.requests());
  }

  @Test
  void aFetchOfNothingAndAFetchWhoseMatchIsNotInTheTraceAreNoRequests() {
    fetch(0, match(A, 3));
    fetch(3, 99);
    assertEquals(List.of(), recorded.requests());
  }
}
