package io.pagoda.examples.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.Operation;
import io.pagoda.OperationState;
import io.pagoda.RdmaMetadata;
import io.pagoda.ReadOperation;
import io.pagoda.ReadableOperation;
import io.pagoda.WritableOperation;
import io.pagoda.core.plugin.PluginException;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Notification;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How operations of two processes end otherwise: called off, used up, too late, not allowed. */
class EndCasesTest extends TwoProcesses {
  private static final long GIB = 1 << 30;

  private static boolean cancelled(Operation operation) {
    return operation.cancel().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** C6 a: before there is even a connection. */
  @Test
  void c6CancelsBeforeAnyByte() throws IOException {
    if (!Side.bySockets()) { // nobody can be in its midst, but there is time enough
      cancelsBeforeAnyByte(peer(), () -> {});
      return;
    }
    try (Middle middle = new Middle().holdAfter(0);
        PeerProcess far = PeerProcess.start(directory(), middle.config("far"))) {
      cancelsBeforeAnyByte(far, middle::release);
    }
  }

  private void cancelsBeforeAnyByte(PeerProcess far, Runnable release) throws IOException {
    String json = far.exposes("readable c6a 67108864 1 1 60000 false");
    try (Side fresh = new Side(directory(), Side.config("c"));
        Guarded into = new Guarded(64, 67108864)) {
      ReadOperation read = fresh.read(json, into);
      var cancelled = read.cancel().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS);
      release.run();
      assertTrue(cancelled.join());
      assertEquals(OperationState.CANCELLED, read.state());
      assertTrue(into.untouched());
      assertTrue(far.answer("ended c6a").startsWith("CANCELLED"));
    }
  }

  /** C6 b: with half of it there, and then nothing is written any more, whatever comes late. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void c6CancelsInTheMiddle(boolean goesOn) throws Exception {
    assumeTrue(Side.bySockets(), "there is no way to be in the midst of this one");
    String patience = "pagoda.transport.tcp.silence = " + (goesOn ? "20s" : "6s");
    try (Middle middle = new Middle().holdAfter(GIB / 2);
        PeerProcess far = PeerProcess.start(directory(), middle.config("far") + "\n" + patience);
        Side near = new Side(directory(), Side.config("near", patience));
        Guarded into = new Guarded(4096, GIB)) {
      String json = far.exposes("readable c6b %d 1 1 60000 false".formatted(GIB));
      ReadOperation read = near.read(json, into);
      middle.awaitHeld();
      var cancelled = read.cancel().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS);
      if (goesOn) {
        middle.release();
      }
      assertTrue(cancelled.join());
      assertEquals(OperationState.CANCELLED, read.state());
      assertTrue(into.byteAt(GIB / 4) != 0 || into.byteAt(GIB / 4 + 1) != 0, "nothing came");
      assertEquals(0, into.byteAt(GIB - 1), "all came");
      into.first().fill((byte) 0xEE);
      middle.release();
      for (long end = System.nanoTime() + 2_000_000_000L; System.nanoTime() < end;) {
        assertTrue(Words.all(into.first(), (byte) 0xEE), "written to after the fence");
      }
      String why = far.answer("ended c6b");
      assertTrue(why.startsWith(goesOn ? "CANCELLED" : "ERRORED PEER_LOST"), why);
    }
  }

  /** C6 c, d, e: an end stays as it is, and there is one. */
  @Test
  void c6EndsOnce() throws Exception {
    String json = peer().exposes("readable c6c 4096 3 1 60000 false");
    try (Guarded into = new Guarded(64, 4096)) {
      ReadOperation read = side().read(json, into);
      Side.complete(read);
      assertFalse(cancelled(read));
      assertEquals(OperationState.COMPLETE, read.state());
      assertEquals(1, read.results().size());

      ReadOperation failed = side().read(json, into);
      Side.errored(Trouble.USED_UP, failed);
      assertFalse(cancelled(failed));
      assertThrows(IllegalStateException.class, failed::results);

      ReadableOperation unused = side().connector().createReadable(into.descriptors(), Side.MINUTE);
      AtomicInteger ends = new AtomicInteger();
      var counted = unused.ended().thenRun(ends::incrementAndGet).toCompletableFuture();
      CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(() -> cancelled(unused));
      assertTrue(cancelled(unused));
      assertTrue(other.get(60, TimeUnit.SECONDS));
      assertTrue(cancelled(unused));
      assertEquals(OperationState.CANCELLED, unused.state());
      counted.get(60, TimeUnit.SECONDS);
      assertEquals(1, ends.get());
    }
  }

  /** The passive side calls it off: nobody gets in any more. */
  @Test
  void c6CancelsWhatIsExposed() throws IOException {
    String json = peer().exposes("readable c6p 4096 3 1 60000 false");
    assertEquals("true", peer().ask("cancel c6p"));
    try (Guarded into = new Guarded(64, 4096)) {
      Side.errored(Trouble.REFUSED, side().read(json, into));
      assertTrue(into.untouched());
    }
  }

  /** C9: once. */
  @Test
  void c9ServesOnce() throws IOException {
    String once = peer().exposes("readable c9a 4096 9 1 60000 false");
    try (Guarded into = new Guarded(64, 4096)) {
      Side.complete(side().read(once, into));
      String why = Side.errored(Trouble.USED_UP, side().read(once, into));
      assertTrue(why.contains("used"), why);
    }
  }

  /** C9: who comes while the only use is under way is refused, and does not end that one. */
  @Test
  void c9RefusesASecondBesideTheFirst() throws Exception {
    assumeTrue(Side.bySockets(), "there is no way to be in the midst of this one");
    int bytes = 64 << 20;
    String patience = "pagoda.transport.tcp.silence = 20s";
    try (Middle middle = new Middle().holdAfter(bytes / 2);
        PeerProcess far = PeerProcess.start(directory(), middle.config("far") + "\n" + patience);
        Side near = new Side(directory(), Side.config("near", patience));
        Guarded into = new Guarded(4096, bytes)) {
      String json = far.exposes("readable c9d %d 9 1 60000 false".formatted(bytes));
      ReadOperation read;
      try (Side late = new Side(directory(), Side.config("late"));
          Guarded other = new Guarded(64, bytes)) {
        read = near.read(json, into);
        middle.awaitHeld();
        Side.errored(Trouble.USED_UP, late.read(json, other));
        assertTrue(other.untouched());
      }
      assertEquals(0, far.count("ended c9d"));
      middle.release();
      Side.complete(read);
      assertEquals("", into.wrong(9));
      assertEquals("COMPLETE - %d .".formatted(bytes), far.answer("ended c9d"));
    }
  }

  /** C9: in its time, which is neither shorter nor longer than was said. */
  @Test
  void c9ServesInTime() throws IOException {
    long began = System.nanoTime();
    String brief = peer().exposes("readable c9b 4096 9 9 10000 false");
    try (Guarded into = new Guarded(64, 4096)) {
      Side.complete(side().read(brief, into));
      assertEquals("", into.wrong(9));
      assertEquals(0, peer().count("ended c9b"));
      assertTrue(peer().answer("ended c9b").startsWith("ERRORED EXPIRED"));
      long millis = (System.nanoTime() - began) / 1_000_000;
      assertTrue(millis >= 10_000 && millis < 40_000, "after " + millis + " ms");
      into.first().fill((byte) 0);
      String why = Side.errored(Trouble.EXPIRED, side().read(brief, into));
      assertTrue(why.contains("expired"), why);
      assertTrue(into.untouched());
    }
  }

  /** C9: a token that is not the grant's, a byte outside, a message that is nobody's. */
  @Test
  void c9GivesNobodyMore() throws IOException {
    String json = peer().exposes("readable c9c 4096 9 1 60000 false");
    Opened opened = Opened.of(RdmaMetadata.parse(json));
    try (Guarded into = new Guarded(64, 4096);
        Link link = side().transport().connect(opened.peer(), Duration.ofSeconds(30));
        Region region = side().transport().register(into.first())) {
      byte[] token = opened.data().token();
      token[3] ^= 1;
      assertEquals(
          Why.NO_GRANT, refusal(link, region, opened.with(token, opened.data().windowBytes(0)), 0));
      token[3] ^= 1;
      assertEquals(Why.OUTSIDE, refusal(link, region, opened.with(token, 4097), 1));
      assertTrue(into.untouched());

      RemoteBatch guess = new RemoteBatch(
          Direction.READ, region, new long[1], opened.control(), new long[1], new long[] {1});
      TransferEnd told =
          link.post(guess.thenTell(new Notification(new byte[64])), Side.MINUTE.deadline())
              .ended()
              .toCompletableFuture()
              .join();
      assertTrue(told.completed(), told::toString);
    }
    assertEquals(0, peer().count("ended c9c"));
    assertEquals("true", peer().ask("cancel c9c"));
  }

  private static Why refusal(Link link, Region region, GrantMetadata grant, long from) {
    RemoteBatch batch = new RemoteBatch(
        Direction.READ, region, new long[1], grant, new long[] {from}, new long[] {4096});
    TransferEnd end = link.post(batch, Side.MINUTE.deadline()).ended().toCompletableFuture().join();
    return ((TransportException) end.failure().orElseThrow()).why();
  }

  /** C9: nothing of other memory is told. */
  @Test
  void c9TellsOfItsOwnMemoryAlone() {
    try (Guarded other = new Guarded(0, 1 << 20);
        Guarded own = new Guarded(0, 4096)) {
      try (var kept = side().connector().register(other.descriptors().getFirst())) {
        WritableOperation exposed =
            side().connector().createWritable(own.descriptors(), Side.MINUTE);
        Opened opened = Opened.of(exposed.metadata());
        assertFalse(opened.contains(kept.descriptor().address()));
        assertTrue(opened.contains(own.descriptors().getFirst().address()));
        assertTrue(cancelled(exposed));
      }
    }
  }

  /** C11: another transport, and the reason; or an error that names what is missing. */
  @Test
  void c11TakesAnotherTransport() throws IOException {
    String json = peer().exposes("readable c11 67108864 11 2 60000 false");
    String other = Side.bySockets() ? "rdma" : "tcp";
    String both = "pagoda.transports = [%s, %s]".formatted(other, Side.TRANSPORT);
    try (Side fallback = new Side(directory(), Side.config("c", both));
        Guarded into = new Guarded(64, 67108864)) {
      ReadOperation read = fallback.read(json, into);
      Side.complete(read);
      assertEquals("", into.wrong(11));
      assertEquals(Side.TRANSPORT, read.path().transport());
      assertTrue(read.path().instead().contains(other), read.path()::toString);
    }
    assumeTrue(Side.bySockets(), "both transports can be opened here");
    String strict = "pagoda { transports = [rdma, tcp], connector.fallback = false }";
    var e = assertThrows(
        PluginException.class, () -> new Side(directory(), Side.config("d", strict)).close());
    assertTrue(String.valueOf(e.getMessage()).contains("rdma"), e::toString);
  }

  /** C11: who cannot be reached by the first is reached by the second, from the next time on. */
  @Test
  void c11GoesOnByAnother() throws IOException {
    assumeFalse(Side.bySockets(), "there is no other transport");
    String both = "pagoda.transports = [%s, tcp]".formatted(Side.TRANSPORT);
    String nowhere = "pagoda.transport.%s.advertise = \"10.77.0.9\"".formatted(Side.TRANSPORT);
    String soon = "pagoda.connector.connect-timeout = 5s";
    try (PeerProcess far = PeerProcess.start(directory(), Side.config("far", both, nowhere));
        Side near = new Side(directory(), Side.config("near", both, soon));
        Guarded into = new Guarded(64, 65536)) {
      String json = far.exposes("readable c11o 65536 11 9 60000 false");
      Side.errored(Trouble.UNREACHABLE, near.read(json, into));
      assertTrue(into.untouched());
      ReadOperation read = near.read(json, into);
      Side.complete(read);
      assertEquals("", into.wrong(11));
      assertEquals("tcp", read.path().transport());
      assertTrue(read.path().instead().contains("far at 10.77.0.9"), read.path()::toString);
    }
  }

  /** Memory of a device that no transport here moves is refused, and it says which and why. */
  @Test
  void c11RefusesDevicesThatNobodyMoves() throws IOException {
    String why =
        side().transport().capabilities().missing().getOrDefault(Feature.DEVICE_MEMORY, "");
    assumeFalse(why.isEmpty(), "memory of this machine's GPUs is moved");
    var gpu = Descriptor.of(4096, 64, Device.cuda(0));
    String unknown = refused(side(), gpu);
    assertTrue(unknown.contains(why), unknown);
    assertTrue(unknown.contains("put its UUID into pagoda.connector.devices"), unknown);
    String absent = """
        pagoda.connector.devices = [ GPU-7 ]
        pagoda.devices = [ { type = cuda, uuid = GPU-7, optional = true } ]
        """;
    try (Side without = new Side(directory(), Side.config("g", absent))) {
      String missing = refused(without, gpu);
      assertTrue(missing.contains(why), missing);
      assertTrue(missing.contains("put { type = cuda, uuid = \"GPU-7\" } into"), missing);
    }
  }

  private static String refused(Side side, Descriptor memory) {
    var e = assertThrows(
        ConnectorException.class,
        () -> side.connector().createReadable(List.of(memory), Side.MINUTE));
    assertEquals(Trouble.NO_TRANSPORT, e.trouble());
    return String.valueOf(e.getMessage());
  }
}
