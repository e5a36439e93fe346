package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import io.pagoda.tck.Pattern;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A conversation whose frames are cut at any byte is understood as if they were not. */
class CutTest {
  private static final int BYTES = 300;
  private static final int READ = 100;

  private final Arena arena = Arena.ofShared();
  private final TcpTransport transport = Rig.of(Backend.AUTO).open("served");
  private final MemorySegment memory = arena.allocate(BYTES);
  private final List<byte[]> messages = new ArrayList<>();
  private final HandLoop loop = new HandLoop();
  private TcpEndpoint endpoint;
  private Region region;
  private Grant grant;

  @BeforeEach
  void open() {
    endpoint = (TcpEndpoint) transport.listen();
    region = transport.register(memory);
    grant = transport.grant(
        new GrantTerms(
            List.of(Window.of(region)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0),
        new GrantListener() {
          @Override
          public void notified(Peer peer, byte[] message) {
            messages.add(message);
          }
        });
  }

  @AfterEach
  void close() {
    grant.close();
    region.close();
    transport.close();
    assertEquals(0, transport.use().bufferBytes());
    arena.close();
  }

  /** {@return all that a peer says: who it is, a write, a read of it, a message, its farewell} */
  private byte[] conversation(long seed) {
    byte[] payload = new byte[BYTES];
    Pattern.write(MemorySegment.ofArray(payload), seed);
    byte[] token = grant.metadata().token();
    byte[] hello = new Handshake.Hello(
        Frame.VERSION, false, UUID.randomUUID(), 1, UUID.randomUUID(), transport.generation(),
        "cut").encode();
    byte[] message = ByteBuffer.allocate(Frame.REQUEST_BYTES + Long.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(token)
        .putLong(seed)
        .putLong(seed)
        .array();
    var said = new ByteArrayOutputStream();
    said.writeBytes(FuzzTest.framed(Frame.HELLO, 0, hello, 0, 0));
    said.writeBytes(FuzzTest.framed(Frame.PROOF, 0, new byte[Handshake.PROOF_BYTES], 0, 0));
    said.writeBytes(FuzzTest.framed(Frame.WRITE, 1, Peers.piece(token, seed, BYTES), 1, BYTES));
    said.writeBytes(payload);
    said.writeBytes(FuzzTest.framed(Frame.READ, 1, Peers.piece(token, seed, READ), 2, 0));
    said.writeBytes(FuzzTest.framed(Frame.TELL, 0, message, 3, 0));
    said.writeBytes(FuzzTest.framed(Frame.PING, 0, new byte[0], 0, 0));
    said.writeBytes(FuzzTest.framed(Frame.BYE, 0, new byte[0], 0, 0));
    return said.toByteArray();
  }

  /** What was said has been done, and answered in its order, and nothing else has. */
  private void understood(long seed, ByteBuffer answers) {
    byte[] expected = new byte[BYTES];
    Pattern.write(MemorySegment.ofArray(expected), seed);
    assertEquals(-1, memory.mismatch(MemorySegment.ofArray(expected)), "what was written");
    assertEquals(1, messages.size());
    assertEquals(
        seed, ByteBuffer.wrap(messages.removeFirst()).order(ByteOrder.LITTLE_ENDIAN).getLong());
    for (int type : new int[] {Frame.WELCOME, Frame.END, Frame.END, Frame.DATA, Frame.END}) {
      assertEquals(type, answers.get());
      answers.get();
      assertEquals(0, answers.getShort(), "its status");
      int body = answers.getInt();
      answers.getLong();
      byte[] payload = new byte[(int) answers.getLong()];
      answers.position(answers.position() + 8 + body).get(payload);
      if (type == Frame.DATA) {
        assertArrayEquals(Arrays.copyOf(expected, READ), payload);
      }
    }
    assertFalse(answers.hasRemaining());
  }

  private Pipe served(int most) {
    Pipe pipe = new Pipe(() -> most, Integer.MAX_VALUE);
    endpoint.take(loop, pipe.other);
    return pipe;
  }

  private void hear(Pipe pipe) {
    loop.stop();
    pipe.other.tell();
    loop.stop();
  }

  private void over(Pipe pipe, long seed, ByteArrayOutputStream heard) {
    heard.writeBytes(pipe.one.heard());
    understood(seed, ByteBuffer.wrap(heard.toByteArray()).order(ByteOrder.LITTLE_ENDIAN));
    pipe.one.close();
    hear(pipe);
    assertTrue(pipe.other.isClosed());
  }

  @Test
  void inTwoAtEveryByte() {
    int length = conversation(0).length;
    for (int cut = 0; cut <= length; cut++) {
      byte[] said = conversation(cut + 1);
      var heard = new ByteArrayOutputStream();
      Pipe pipe = served(Integer.MAX_VALUE);
      pipe.other.say(said, 0, cut);
      hear(pipe);
      heard.writeBytes(pipe.one.heard());
      pipe.other.say(said, cut, length);
      hear(pipe);
      over(pipe, cut + 1, heard);
    }
  }

  @Test
  void everyByteByItself() {
    byte[] said = conversation(9);
    var heard = new ByteArrayOutputStream();
    Pipe pipe = served(1);
    for (int at = 0; at < said.length; at++) {
      pipe.other.say(said, at, at + 1);
      hear(pipe);
    }
    for (int i = 0; i < 1_000; i++) { // what is answered leaves byte by byte, too
      hear(pipe);
    }
    over(pipe, 9, heard);
  }

  /** Whoever says a part of it and leaves has done what it had said as a whole, and no more. */
  @Test
  void brokenOffAtEveryByte() {
    int length = conversation(0).length;
    for (int cut = 0; cut < length; cut++) {
      Pipe pipe = served(Integer.MAX_VALUE);
      pipe.other.say(conversation(cut + 1), 0, cut);
      hear(pipe);
      pipe.one.close();
      hear(pipe);
      assertTrue(pipe.other.isClosed(), "at " + cut);
      assertEquals(0, transport.use().transfers(), "at " + cut);
      assertEquals(0, transport.use().links(), "at " + cut);
      assertEquals(0, transport.use().bufferBytes(), "at " + cut);
    }
  }
}
