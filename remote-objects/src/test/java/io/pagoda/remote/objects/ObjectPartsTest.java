package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The pieces that requests are made of. */
class ObjectPartsTest {
  @Test
  void cutsObjectsIntoStretches() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment header = arena.allocate(10);
      MemorySegment block = arena.allocate(25);
      List<Stretch> stretches = Stretch.cut(List.of(header, block), 8);
      assertEquals(5, stretches.size());
      assertEquals(List.of(header.asSlice(0, 8)), stretches.get(0).memory());
      assertEquals(List.of(header.asSlice(8, 2), block.asSlice(0, 6)), stretches.get(1).memory());
      assertEquals(new Stretch(32, List.of(block.asSlice(22, 3))), stretches.get(4));
    }
  }

  @Test
  void aTryThatWasGivenUpHasNoMemory() {
    try (Arena arena = Arena.ofConfined()) {
      var intake = new Intake(0, List.of(arena.allocate(10)), 10);
      Download one = intake.next();
      assertEquals(true, one.begin(0, 10, "a"));
      assertEquals(true, one.write(new byte[4], 0, 4));
      assertEquals(true, one.stop().toCompletableFuture().isDone());
      assertEquals(false, one.write(new byte[1], 0, 1));
      Download next = intake.next();
      assertEquals(4, next.from());
      assertEquals("bytes=4-9", next.range().orElseThrow());
      assertEquals("a", next.tag().orElseThrow());
      assertEquals(false, one.begin(4, 10, "a"), "one that was given up begins nothing");
      assertEquals(false, next.begin(0, 10, "a"), "the wrong bytes");
      assertEquals(false, intake.next().begin(4, 10, "b"), "another object");
      assertEquals(true, intake.isStale());
    }
  }

  @Test
  void memoryIsQuietOnlyWhenItIsGivenBack() {
    try (Arena arena = Arena.ofConfined()) {
      var upload = new Upload(List.of(arena.allocate(10)), false);
      assertEquals(true, upload.lend());
      var quiet = upload.stop().toCompletableFuture();
      assertEquals(false, quiet.isDone());
      upload.giveBack();
      assertEquals(true, quiet.isDone());
      assertThrows(IOException.class, () -> upload.read(new byte[1], 0, 1));
    }
  }

  @Test
  void whoBeginsFirstHasTheMemory() {
    try (Arena arena = Arena.ofConfined()) {
      var intake = new Intake(0, List.of(arena.allocate(10)), 10);
      Download one = intake.next();
      Download other = intake.beside();
      assertEquals(true, other.begin(0, 10, "a"));
      assertEquals(false, one.begin(0, 10, "a"));
      assertEquals(true, other.write(ByteBuffer.allocate(10)));
      assertEquals(true, intake.complete());
    }
  }

  @Test
  void fewerRequestsRunWhenTheServerAsksForThat() {
    var limiter = new Limiter(16);
    for (int i = 0; i < 16; i++) {
      limiter.enter(true, () -> {});
    }
    long now = 1_000;
    limiter.leaveSlowly(500, now);
    assertEquals(8, limiter.limit());
    limiter.leaveSlowly(600, now + 1);
    assertEquals(8, limiter.limit(), "what began before the cut says nothing new");
    limiter.leaveSlowly(now + 2, now + 3);
    assertEquals(4, limiter.limit());
    for (int i = 0; i < 12; i++) {
      limiter.leave();
    }
    assertEquals(6, limiter.limit());
  }

  @Test
  void somethingElseHasItsTurnBesideWhatIsUrgent() {
    var limiter = new Limiter(1);
    var order = new StringBuilder();
    limiter.enter(true, () -> {});
    limiter.enter(false, () -> order.append('o'));
    for (int i = 0; i < 20; i++) {
      limiter.enter(true, () -> order.append('u'));
    }
    for (int i = 0; i < 21; i++) {
      limiter.leave();
    }
    assertEquals("u".repeat(7) + "o" + "u".repeat(13), order.toString());
  }

  @Test
  void namesCarryTheirKeys() {
    var names = new ObjectNames("a/b", 0x0123456789abcdefL, 3);
    String name = names.of(0xfedcba9876543210L, 7);
    assertEquals("a/b/0123456789abcdef/fed/fedcba98765432100000000000000007", name);
    assertEquals(7, names.key(name).orElseThrow()[1]);
    assertEquals(true, names.key(name.replace("/fed/", "/fee/")).isEmpty());
    assertEquals(true, names.key("a/b/0123456789abcdef/x").isEmpty());
    var flat = new ObjectNames("", 1, 0);
    assertEquals("0000000000000001/00000000000000020000000000000003", flat.of(2, 3));
  }
}
