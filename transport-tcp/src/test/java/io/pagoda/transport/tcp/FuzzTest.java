package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Window;
import io.pagoda.tck.Seeded;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Strangers and peers gone mad send frames: nothing but a grant's window changes, memory stays
 * bounded, and honest peers are served beside and afterwards.
 */
@ExtendWith(Seeded.class)
class FuzzTest {
  private static final int FRAMES = Integer.getInteger("pagoda.test.frames", 200_000);
  private static final int WINDOW = 4_096;
  private static final int GUARD = 1 << 20;

  private final byte[] token = new byte[Frame.TOKEN_BYTES];
  private final long[] sent = new long[16];

  @Test
  void survivesMillionsOfFrames(Random random) throws IOException {
    try (Arena arena = Arena.ofShared();
        TcpTransport serving = Rig.of(Backend.AUTO).open("serving");
        TcpTransport honest = Rig.of(Backend.AUTO).open("honest")) {
      MemorySegment all = arena.allocate(2 * GUARD + WINDOW);
      all.fill((byte) 0x5a);
      attacked(random, serving, honest, serving.register(all), arena.allocate(WINDOW));
      unchanged(all, 0, GUARD);
      unchanged(all, GUARD + WINDOW, GUARD);
      long end = System.nanoTime() + Peers.PATIENCE.toNanos();
      while (serving.use().links() > 0 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      assertEquals(0, serving.use().links());
      assertEquals(0, serving.use().transfers());
    }
  }

  private void attacked(
      Random random, TcpTransport serving, TcpTransport honest, Region region, MemorySegment read)
      throws IOException {
    PeerMetadata peer = serving.listen().metadata();
    try (Region own = honest.register(read);
        Grant grant = serving.grant(
            new GrantTerms(
                List.of(new Window(region, GUARD, WINDOW)), EnumSet.allOf(Right.class),
                Duration.ofHours(1), 0),
            GrantListener.NONE);
        Link link = honest.connect(peer, Peers.PATIENCE)) {
      System.arraycopy(grant.metadata().token(), 0, token, 0, token.length);
      RemoteBatch batch = new RemoteBatch(
          Direction.READ, own, new long[1], grant.metadata(), new long[1], new long[] {WINDOW});
      long most = 0;
      for (int frames = 0; frames < FRAMES;) {
        frames += attack(random, peer, serving.generation());
        most = Math.max(most, serving.use().bufferBytes());
        if (random.nextInt(50) == 0) {
          var served = link.post(batch, Peers.PATIENCE).ended().toCompletableFuture();
          assertTrue(served.join().completed());
        }
      }
      long each = Outbox.BUFFER_BYTES + Inbox.BUFFER_BYTES;
      assertTrue(most <= 100 * each, "buffers of " + most + " bytes");
      assertTrue(sent[1] > 0 && sent[2] > 0, "no attack came behind the handshake");
    }
  }

  private static void unchanged(MemorySegment all, long from, long bytes) {
    byte[] expected = new byte[(int) bytes];
    Arrays.fill(expected, (byte) 0x5a);
    assertEquals(-1, all.asSlice(from, bytes).mismatch(MemorySegment.ofArray(expected)));
  }

  /** One connection: noise from the start, or frames that are nearly right. Returns how many. */
  private int attack(Random random, PeerMetadata peer, UUID generation) throws IOException {
    int kind = random.nextInt(4);
    InetSocketAddress address = Addresses.parse(peer.address(), "the victim");
    int frames = 0;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()));
      socket.setSoTimeout(10_000);
      socket.setSoLinger(true, 0);
      OutputStream out = socket.getOutputStream();
      if (kind == 0) {
        byte[] noise = new byte[1 + random.nextInt(200)];
        random.nextBytes(noise);
        out.write(noise);
        sent[0]++;
        return 1;
      }
      greet(socket, generation);
      int count = 200 + random.nextInt(2_000);
      ByteBuffer together = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
      for (; frames < count; frames++) {
        together.clear();
        while (together.remaining() > 8_192 && frames < count) {
          frame(random, together, kind);
          frames++;
        }
        out.write(together.array(), 0, together.position());
        drain(socket);
      }
    } catch (IOException e) {
      // The victim has closed the connection: it may.
      sent[8]++;
    }
    sent[kind]++;
    return frames + 1;
  }

  private static void drain(Socket socket) throws IOException {
    byte[] answers = new byte[1 << 16];
    while (socket.getInputStream().available() > 0) {
      if (socket.getInputStream().read(answers) < 0) {
        return;
      }
    }
  }

  static void greet(Socket socket, UUID generation) throws IOException {
    byte[] hello = new Handshake.Hello(
        Frame.VERSION, false, UUID.randomUUID(), 1, UUID.randomUUID(), generation, "mad").encode();
    OutputStream out = socket.getOutputStream();
    out.write(framed(Frame.HELLO, 0, hello, 0, 0));
    Peers.status(socket);
    out.write(framed(Frame.PROOF, 0, new byte[Handshake.PROOF_BYTES], 0, 0));
    Peers.status(socket);
  }

  /** Kind 1 changes a header and mends its CRC; 2 and 3 send pieces with mad ranges. */
  private void frame(Random random, ByteBuffer out, int kind) {
    int ranges = 1 + random.nextInt(4);
    boolean write = random.nextBoolean();
    int payload = 0;
    ByteBuffer body = ByteBuffer.allocate(Frame.REQUEST_BYTES + ranges * Frame.RANGE_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
    byte[] used = token.clone();
    if (random.nextInt(10) == 0) {
      used[random.nextInt(used.length)] ^= 1;
    }
    body.put(used).putLong(random.nextInt(100));
    for (int i = 0; i < ranges; i++) {
      int length = random.nextInt(20) == 0 ? random.nextInt(2 * WINDOW) : 1 + random.nextInt(64);
      long offset = switch (random.nextInt(8)) {
        case 0 -> random.nextLong();
        case 1 -> -random.nextInt(2 * GUARD);
        case 2 -> random.nextInt(2 * GUARD);
        case 3 -> WINDOW - length + random.nextInt(3) - 1;
        default -> random.nextInt(WINDOW - 64);
      };
      body.putLong(offset).putInt(random.nextInt(30) == 0 ? random.nextInt() : 0).putInt(length);
      payload += length;
    }
    byte[] header = framed(
        write ? Frame.WRITE : Frame.READ, ranges, body.array(), random.nextLong(),
        write ? payload : 0);
    if (kind == 1 && random.nextInt(200) == 0) {
      header[random.nextInt(28)] = (byte) random.nextInt();
      mend(header);
    }
    out.put(header);
    for (int i = 0; write && i < payload && out.remaining() > 0; i++) {
      out.put((byte) 0x77);
    }
  }

  static byte[] framed(byte type, int ranges, byte[] body, long id, long payload) {
    ByteBuffer out =
        ByteBuffer.allocate(Frame.HEADER_BYTES + body.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(type).put((byte) 0).putShort((short) 0).putInt(body.length).putLong(id);
    out.putLong(payload).putInt(ranges).putInt(0).put(body);
    mend(out.array());
    return out.array();
  }

  private static void mend(byte[] frame) {
    CRC32C crc = new CRC32C();
    crc.update(frame, 0, Frame.HEADER_BYTES - Frame.CRC_BYTES);
    ByteBuffer.wrap(frame)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(Frame.HEADER_BYTES - Frame.CRC_BYTES, (int) crc.getValue());
  }
}
