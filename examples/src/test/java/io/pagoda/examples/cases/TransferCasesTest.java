package io.pagoda.examples.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.ConnectorUse;
import io.pagoda.Descriptor;
import io.pagoda.Operation;
import io.pagoda.OperationTerms;
import io.pagoda.ReadOperation;
import io.pagoda.ReadableOperation;
import io.pagoda.Registration;
import io.pagoda.WriteOperation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What moves between two processes: reads, writes, shapes, pairs and shared memory. */
class TransferCasesTest extends TwoProcesses {
  /** An emulated machine, which is where others than sockets are tried, has less to do. */
  private static final long LARGE = Side.bySockets() ? 1 << 30 : 128 << 20;

  private static final int WRITES = Side.bySockets() ? 1000 : 40;
  private static final int SHARING = Side.bySockets() ? 100 : 30;

  /** C1: nobody polls, both sides hear, and the path says how. */
  @Test
  void c1ReadsRoundTrip() throws IOException {
    long[] sizes = {1, 4095, 4096, 4097, 64 << 20, LARGE};
    for (long size : sizes) {
      String name = "c1-" + size;
      String json = peer().exposes("readable %s %d 1 1 60000 false".formatted(name, size));
      try (Guarded into = new Guarded(4096, size)) {
        ReadOperation read = side().read(json, into);
        Side.complete(read);
        assertEquals("", into.wrong(1), name);
        assertEquals(into.descriptors().size(), read.results().size());
        assertEquals(Side.TRANSPORT, read.path().transport());
        assertEquals("", read.path().instead(), read.path()::toString);
        assertEquals("COMPLETE - %d .".formatted(size), peer().answer("ended " + name));
        assertEquals("COMPLETE - " + size, peer().answer("settled " + name));
        assertEquals(1, peer().count("ended " + name));
      }
    }
    assertEquals(1, side().connector().connections().size());
  }

  /** C1: no stretch is empty, on either side(). */
  @Test
  void c1RefusesNothing() {
    Arena arena = Arena.ofAuto();
    var empty = arena.allocate(64).asSlice(0, 0);
    assertThrows(IllegalArgumentException.class, () -> Descriptor.of(empty));
  }

  private static final int[] BLOCKS = {1 << 20, 64 << 10, 256 << 10, 4097, 2 << 20};

  /** C2: what lies beside is not touched, and who hears of the end sees every byte. */
  @Test
  void c2WritesRoundTripBetweenGuards() throws IOException {
    for (int i = 0; i < WRITES; i++) {
      String name = "c2-" + i;
      int seed = 2 + i;
      int bytes = BLOCKS[i % BLOCKS.length];
      String json = peer().exposes("writable %s %d %d 1 60000 false".formatted(name, bytes, seed));
      try (Guarded from = new Guarded(0, bytes).fill(seed)) {
        Side.complete(side().write(from, json));
        assertEquals("COMPLETE - %d .".formatted(bytes), peer().answer("ended " + name));
      }
      if (i == 0) {
        assertEquals(".", peer().ask("check %s %d".formatted(name, seed)));
      }
      peer().tell("forget " + name);
    }
  }

  /** C3: what does not go together contacts nobody and leaves nothing. */
  @Test
  void c3RefusesOtherShapes() throws IOException {
    String two = peer().exposes("readable c3-two 4096,8192 3 1 60000 false");
    String one = peer().exposes("readable c3-one 4096 3 1 60000 false");
    try (Side fresh = new Side(directory(), Side.config("c"))) {
      ConnectorUse before = fresh.connector().use();
      String first = refused(fresh, two, 8192, 4096);
      assertTrue(first.contains("descriptor 0 has 4096 bytes there and 8192"), first);
      assertTrue(refused(fresh, two, 4096).contains("a list goes with a list"));
      assertTrue(refused(fresh, two, 4096, 8192, 1).contains("differ in length: 2 there, 3 here"));
      assertTrue(refused(fresh, two).contains("empty"));
      assertTrue(refused(fresh, one, 4096, 1).contains("a list goes with a list"));
      fresh.idle(before);
      assertEquals(0, fresh.connector().use().connections());
    }
    try (Guarded into = new Guarded(64, 4096, 8192)) {
      Side.complete(side().read(two, into));
      assertEquals("", into.wrong(3));
    }
    try (Guarded into = new Guarded(64, 4096)) {
      Side.complete(side().read(one, List.of(Descriptor.of(into.first()))));
      assertEquals("", into.wrong(3));
    }
  }

  private static String refused(Side from, String json, long... sizes) {
    try (Guarded into = new Guarded(64, sizes)) {
      ConnectorException e = assertThrows(ConnectorException.class, () -> from.read(json, into));
      assertEquals(Trouble.SHAPE, e.trouble());
      return String.valueOf(e.getMessage());
    }
  }

  /** C4: the wrong way is refused at once, and the right one works afterwards. */
  @Test
  void c4RefusesTheWrongPair() throws IOException {
    String readable = peer().exposes("readable c4-r 4096 4 1 60000 false");
    String writable = peer().exposes("writable c4-w 4096 4 1 60000 false");
    try (Guarded here = new Guarded(64, 4096).fill(4)) {
      var read = assertThrows(ConnectorException.class, () -> side().read(writable, here));
      var write = assertThrows(ConnectorException.class, () -> side().write(here, readable));
      assertEquals(Trouble.WRONG_KIND, read.trouble());
      assertEquals(Trouble.WRONG_KIND, write.trouble());
      Side.complete(side().write(here, writable));
      Side.complete(side().read(readable, here));
      assertEquals("", here.wrong(4));
      assertEquals("COMPLETE - 4096 .", peer().answer("ended c4-w"));
    }
  }

  /** C8: one operation's end is not another's, and the caller's own registration stays. */
  @Test
  void c8SharesMemory() throws IOException {
    ConnectorUse before = side().connector().use();
    try (Guarded source = new Guarded(64, 1 << 20).fill(8)) {
      Descriptor shared = source.descriptors().getFirst();
      Registration own = side().connector().register(shared);
      List<ReadableOperation> all = new ArrayList<>();
      for (int i = 0; i < SHARING; i++) {
        ReadableOperation one = side().connector().createReadable(List.of(shared), Side.MINUTE);
        all.add(one);
        peer().tell("read c8-%d %d 60000 %s".formatted(i, 1 << 20, one.metadata().toJson()));
      }
      assertEquals(before.registrations() + 1, side().connector().use().registrations());
      all.forEach(Side::complete);
      assertEquals(before.registrations() + 1, side().connector().use().registrations());
      for (int i = 0; i < SHARING; i++) {
        peer().answer("settled c8-" + i);
        assertEquals(".", peer().ask("check c8-%d 8".formatted(i)));
      }
      ReadableOperation last = side().connector().createReadable(List.of(shared), Side.MINUTE);
      own.close();
      peer().tell("read c8-last %d 60000 %s".formatted(1 << 20, last.metadata().toJson()));
      Side.complete(last);
      peer().answer("settled c8-last");
      assertEquals(".", peer().ask("check c8-last 8"));
      side().idle(before);
    }
  }

  /** What changed behind the checksums is told, by its place, to both sides. */
  @Test
  void verifiesReads() throws IOException {
    String json = peer().exposes("readable v-bad 4096,8192 5 1 60000 true");
    peer().ask("change v-bad 77");
    String good = peer().exposes("readable v-good 4096,8192 5 1 60000 true");
    try (Guarded into = new Guarded(64, 4096, 8192)) {
      String why = Side.errored(Trouble.CORRUPT, side().read(json, into));
      assertTrue(why.contains("descriptor 0"), why);
      assertTrue(peer().answer("ended v-bad").startsWith("ERRORED CORRUPT"));
      Side.complete(side().read(good, into));
      assertEquals("", into.wrong(5));
      assertEquals("COMPLETE - 12288 .", peer().answer("ended v-good"));
    }
  }

  @Test
  void verifiesWrites() throws IOException {
    String json = peer().exposes("writable v-write 4096,8192 6 1 60000 true");
    try (Guarded from = new Guarded(64, 4096, 8192).fill(6)) {
      WriteOperation write = side().write(from, json);
      Side.complete(write);
      assertEquals("COMPLETE - 12288 .", peer().answer("ended v-write"));
    }
  }

  /** One bit is changed on the way of a write: who exposed the memory does not take it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesWritesThatChange(boolean verified) throws IOException {
    assumeTrue(Side.bySockets(), "there is no way to be in the midst of this one");
    try (Middle middle = new Middle().change(8000);
        PeerProcess far = PeerProcess.start(directory(), middle.config("far"));
        Side near = new Side(directory(), Side.config("near"));
        Guarded from = new Guarded(64, 4096, 8192).fill(6)) {
      String json = far.exposes("writable v-lie 4096,8192 6 1 60000 " + verified);
      Side.settled(near.write(from, json));
      String end = far.answer("ended v-lie");
      // Unverified, it is complete, and wrong: so the bit was changed, and only sums find out.
      String expected = verified ? "ERRORED CORRUPT" : "COMPLETE - 12288 .stretch 1 differs";
      assertTrue(end.startsWith(expected), end);
    }
  }

  /** Several peers' operations, and then no more. */
  @Test
  void countsUses() throws IOException {
    String json = peer().exposes("readable uses 4096 7 3 60000 false");
    List<Operation> reads = new ArrayList<>();
    try (Guarded into = new Guarded(64, 4096)) {
      for (int i = 0; i < 3; i++) {
        reads.add(side().read(json, into));
      }
      reads.forEach(Side::complete);
      assertEquals("COMPLETE - 4096 .", peer().answer("ended uses"));
      Side.errored(Trouble.USED_UP, side().read(json, into));
    }
  }

  /** Nobody comes: the passive side is told by its own deadline. */
  @Test
  void expiresUnused() {
    try (Guarded memory = new Guarded(64, 64)) {
      ReadableOperation alone = side().connector()
          .createReadable(memory.descriptors(), OperationTerms.within(Duration.ofMillis(50)));
      Side.errored(Trouble.EXPIRED, alone);
    }
  }
}
