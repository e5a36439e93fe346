package io.pagoda.examples;

import io.pagoda.Connector;
import io.pagoda.Descriptor;
import io.pagoda.OperationEnd;
import io.pagoda.ReadOperation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;

/**
 * Gets an array that a producer has.
 *
 * @param connector by which its bytes come
 */
record MediaConsumer(Connector connector) {
  /**
   * An array that has arrived.
   *
   * @param shape how long each dimension is
   * @param dtype what an element is
   * @param bytes the elements
   * @param path how they came
   */
  record Fetched(List<Integer> shape, String dtype, MemorySegment bytes, String path) {}

  /** Fetches what is told of at {@code address}, into memory of {@code arena}. */
  Fetched fetch(URI address, Arena arena) throws IOException, InterruptedException {
    MediaArray told = MediaArray.parse(ask(address));
    MemorySegment target = arena.allocate(MediaArray.bytes(told.shape(), told.dtype()), 64);
    ReadOperation read = connector.beginRead(told.metadata(), Descriptor.of(target));
    OperationEnd end = read.settled().toCompletableFuture().join();
    if (end.cause().isPresent()) {
      throw end.cause().get();
    }
    return new Fetched(told.shape(), told.dtype(), target, read.path().toString());
  }

  private static String ask(URI address) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
    }
  }
}
