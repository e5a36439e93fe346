package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.GrantTerms;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.RemoteBatch;
import io.pagoda.spi.transport.RemoteBatch.Direction;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.Window;
import io.pagoda.tck.Seeded;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One side is killed at random moments: the other ends what it had begun, and is fenced. */
@ExtendWith(Seeded.class)
class KillTest {
  private static final int KILLS = Integer.getInteger("pagoda.test.kills", 2);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  /** All ends come within the silence that makes a peer lost, and some. */
  private static final Duration WITHIN = Rig.TIMES.silence().plusSeconds(20);
  private static final Duration OBSERVED =
      Duration.ofMillis(Integer.getInteger("pagoda.test.canary-millis", 300));

  @Test
  void survivesTheDeathOfTheServingSide(Random random) throws Exception {
    try (TcpTransport transport = Rig.of(Backend.AUTO).open("survivor");
        Arena arena = Arena.ofShared();
        Region region = transport.register(arena.allocate(Victim.BYTES))) {
      for (int i = 0; i < KILLS; i++) {
        Process victim = start(List.of());
        try (BufferedReader said = victim.inputReader()) {
          PeerMetadata peer = PeerMetadata.decode(HexFormat.of().parseHex(said.readLine()));
          GrantMetadata grant = GrantMetadata.decode(HexFormat.of().parseHex(said.readLine()));
          outlive(victim, transport.connect(peer, PATIENCE), region, grant, random);
        } finally {
          victim.destroyForcibly().waitFor();
        }
        assertEquals(0, transport.use().transfers());
        assertEquals(0, transport.use().links());
      }
    }
  }

  private static void outlive(
      Process victim, Link connected, Region region, GrantMetadata grant, Random random)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (Link link = connected) {
      region.memory().fill((byte) 0);
      long until = random.nextInt((int) Victim.BYTES / 4);
      Queue<TransferHandle> handles = new ConcurrentLinkedQueue<>();
      for (int i = 0; i < 20; i++) {
        Direction direction = i % 2 == 0 ? Direction.READ : Direction.WRITE;
        moves(link, whole(direction, region, grant), handles);
      }
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (region.memory().get(ValueLayout.JAVA_BYTE, until) == 0 && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      victim.destroyForcibly();
      long killed = System.nanoTime();
      for (TransferHandle handle : handles) {
        await(handle.quiet(), WITHIN);
      }
      long took = System.nanoTime() - killed;
      assertTrue(took < WITHIN.toNanos(), () -> "it took " + took + " ns to end");
      assertTrue(
          handles.stream()
              .anyMatch(handle -> !handle.ended().toCompletableFuture().join().completed()),
          "nothing was on its way");
      await(link.lost(), WITHIN);
      assertFalse(link.alive());
      staysAsItIs(region.memory());
    }
  }

  /** Moves again and again: whenever the other side is killed, something is on its way. */
  private static void moves(Link link, RemoteBatch batch, Queue<TransferHandle> handles) {
    TransferHandle handle = link.post(batch, PATIENCE);
    handles.add(handle);
    var _ = handle.ended().thenAccept(end -> {
      if (end.completed()) {
        moves(link, batch, handles);
      }
    });
  }

  @Test
  void survivesTheDeathOfTheWritingSide(Random random) throws Exception {
    try (TcpTransport transport = Rig.of(Backend.AUTO).open("survivor");
        Arena arena = Arena.ofShared();
        Region region = transport.register(arena.allocate(Victim.BYTES))) {
      String peer = HexFormat.of().formatHex(transport.listen().metadata().encode());
      for (int i = 0; i < KILLS; i++) {
        CompletableFuture<PagodaException> lost = new CompletableFuture<>();
        Grant grant = transport.grant(
            new GrantTerms(
                List.of(Window.of(region)), EnumSet.allOf(Right.class), Duration.ofHours(1), 0),
            new GrantListener() {
              @Override
              public void lost(Peer who, PagodaException cause) {
                lost.complete(cause);
              }
            });
        region.memory().fill((byte) 0);
        Process victim = start(List.of(peer, HexFormat.of().formatHex(grant.metadata().encode())));
        try (BufferedReader said = victim.inputReader()) {
          assertEquals("writes", said.readLine());
          long until = random.nextInt((int) Victim.BYTES);
          long end = System.nanoTime() + PATIENCE.toNanos();
          while (region.memory().get(ValueLayout.JAVA_BYTE, until) == 0
              && System.nanoTime() < end) {
            Thread.onSpinWait();
          }
          victim.destroyForcibly();
          assertFalse(String.valueOf(await(lost, WITHIN).getMessage()).isEmpty());
          await(grant.revoke(), WITHIN);
          staysAsItIs(region.memory());
        } finally {
          victim.destroyForcibly().waitFor();
        }
        // Listeners hear of a loss just before the link is none.
        Peers.until("the link is gone", () -> transport.use().links() == 0);
        assertEquals(0, transport.use().transfers());
        assertEquals(0, transport.use().grants());
      }
    }
  }

  private static RemoteBatch whole(Direction direction, Region region, GrantMetadata grant) {
    return new RemoteBatch(
        direction, region, new long[1], grant, new long[1], new long[] {Victim.BYTES});
  }

  private static <T> T await(CompletionStage<T> stage, Duration patience)
      throws InterruptedException, ExecutionException, TimeoutException {
    return stage.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static void staysAsItIs(MemorySegment memory) {
    byte[] canary = new byte[(int) memory.byteSize()];
    Arrays.fill(canary, (byte) 0xee);
    memory.fill((byte) 0xee);
    long end = System.nanoTime() + OBSERVED.toNanos();
    do {
      assertEquals(-1, memory.mismatch(MemorySegment.ofArray(canary)), "written after the fence");
    } while (System.nanoTime() < end);
  }

  private static Process start(List<String> arguments) throws IOException {
    String classes = String.join(
        File.pathSeparator, "target/test-classes", "target/classes",
        System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path", ""));
    List<String> command = new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Xmx128m", "-cp", classes, Victim.class.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }
}
