package io.pagoda.transport.tcp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvArrival;
import io.pagoda.KvArrivals;
import io.pagoda.KvLayout;
import io.pagoda.KvRole;
import io.pagoda.KvShard;
import io.pagoda.KvWrite;
import io.pagoda.PagodaException;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.communicate.CommunicatorSettings;
import io.pagoda.core.communicate.TransportCommunicator;
import io.pagoda.spi.transport.TransferEnd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers of one model on two sides push blocks, over sockets. */
@Timeout(300)
class CommunicatorTest {
  private static final int LAYERS = 4;
  private static final int BLOCKS = 24;
  private static final int ROWS = 4;
  private static final int WHOLE = 768; // bytes of a chunk of all ranks
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final byte UNTOUCHED = (byte) 0xee;
  private static final int[] FROM = {3, 4, 5, 9, 1};
  private static final int[] TO = {7, 8, 9, 0, 23};

  private static final TcpSettings SETTINGS = new TcpSettings(
      Backend.AUTO, 1, "127.0.0.1:0", "", 1, 1 << 20, 8, 64, false, Optional.empty(),
      new TcpSettings.Times(
          Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofMinutes(1),
          Duration.ofSeconds(20), Duration.ofNanos(20_000)),
      100, 100, Optional.empty());

  private final Arena arena = Arena.ofShared();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final BlockingQueue<KvArrival> arrivals = new LinkedBlockingQueue<>();

  /** A worker, and its memory. */
  private record Worker(
      TransportCommunicator communicator, TcpTransport transport, PoolSpec spec,
      List<MemorySegment> memory, KvShard shard) {
    byte at(int layer, int tensor, int block, int index) {
      return memory.get(tensor * LAYERS + layer).get(JAVA_BYTE, block * spec.chunkBytes() + index);
    }
  }

  private Worker worker(KvRole role, KvShard shard, int tensors, String model, String secret) {
    return worker(role, shard, tensors, model, secret, Duration.ofHours(1));
  }

  private Worker worker(
      KvRole role, KvShard shard, int tensors, String model, String secret, Duration lifetime) {
    var spec = new PoolSpec(KvLayout.LAYER_FIRST, LAYERS, tensors, BLOCKS, WHOLE / shard.ranks());
    List<MemorySegment> memory = new ArrayList<>();
    for (int i = 0; i < LAYERS * tensors; i++) {
      memory.add(arena.allocate(BLOCKS * spec.chunkBytes()).fill(UNTOUCHED));
    }
    TcpTransport transport = TcpTransport.open(SETTINGS, role + "-" + shard.rank());
    open.addFirst(transport);
    var settings = new CommunicatorSettings(
        role + "-" + shard.rank(), role, model,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), PATIENCE, PATIENCE, lifetime,
        secret.isEmpty() ? Optional.empty() : Optional.of(secret.getBytes(StandardCharsets.UTF_8)));
    KvArrivals told = role == KvRole.DECODE ? arrivals::add : KvArrivals.NONE;
    var communicator = new TransportCommunicator(
        settings, List.of(transport), new PoolPart(spec, memory, 0, 0, false), shard, told);
    open.addFirst(communicator);
    return new Worker(communicator, transport, spec, memory, shard);
  }

  private Worker worker(KvRole role, KvShard shard) {
    return worker(role, shard, 2, "llama", "");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    arena.close();
  }

  /** {@return what a byte of a chunk of all ranks is} */
  private static byte pattern(int layer, int tensor, int block, int index) {
    return (byte) (31 * (31 * (31 * layer + tensor) + block) + index * 7 + index / 251);
  }

  /** {@return which byte of the whole chunk a byte of a rank's is} */
  private static int inWhole(KvShard shard, int index) {
    int row = WHOLE / shard.rows();
    int each = row / shard.ranks();
    return index / each * row + shard.rank() * each + index % each;
  }

  private static void fill(Worker worker) {
    for (int i = 0; i < worker.memory.size(); i++) {
      for (int block = 0; block < BLOCKS; block++) {
        for (int index = 0; index < worker.spec.chunkBytes(); index++) {
          worker.memory.get(i)
              .set(
                  JAVA_BYTE, block * worker.spec.chunkBytes() + index,
                  pattern(i % LAYERS, i / LAYERS, block, inWhole(worker.shard, index)));
        }
      }
    }
  }

  /** Compares all of a worker's memory: blocks of {@link #TO} in some layers, and all else. */
  private static void check(Worker worker, int firstLayer, int endLayer) {
    for (int i = 0; i < worker.memory.size(); i++) {
      int layer = i % LAYERS;
      boolean written = layer >= firstLayer && layer < endLayer;
      for (int block = 0; block < BLOCKS; block++) {
        int source = written ? source(block) : -1;
        for (int index = 0; index < worker.spec.chunkBytes(); index++) {
          byte expected = source < 0
              ? UNTOUCHED
              : pattern(layer, i / LAYERS, source, inWhole(worker.shard, index));
          assertEquals(
              expected, worker.at(layer, i / LAYERS, block, index),
              "layer %d tensor %d block %d byte %d".formatted(layer, i / LAYERS, block, index));
        }
      }
    }
  }

  private static int source(int target) {
    for (int i = 0; i < TO.length; i++) {
      if (TO[i] == target) {
        return FROM[i];
      }
    }
    return -1;
  }

  private static InetSocketAddress address(Worker worker) {
    return worker.communicator.address().orElseThrow();
  }

  private static void until(String what, BooleanSupplier holds) {
    for (long end = System.nanoTime() + PATIENCE.toNanos(); !holds.getAsBoolean();) {
      assertTrue(System.nanoTime() < end, () -> "it did not come to this: " + what);
      Thread.onSpinWait();
    }
  }

  private static void completes(TransferEnd end) {
    assertInstanceOf(TransferEnd.Completed.class, end, end.toString());
  }

  private void push(int prefill, int decode, int tensors) throws InterruptedException {
    List<Worker> decoders = new ArrayList<>();
    for (int rank = 0; rank < decode; rank++) {
      decoders.add(worker(KvRole.DECODE, new KvShard(rank, decode, ROWS), tensors, "m", "secret"));
    }
    int expected = 0;
    for (int rank = 0; rank < prefill; rank++) {
      Worker from =
          worker(KvRole.PREFILL, new KvShard(rank, prefill, ROWS), tensors, "m", "secret");
      fill(from);
      for (Worker to : decoders) {
        if (rank * decode / prefill <= to.shard.rank()
            && to.shard.rank() * prefill / decode <= rank) {
          from.communicator.connect(address(to));
          completes(from.communicator.write(address(to), KvWrite.ofLayer(2, FROM, TO).tagged(77)));
          expected++;
        }
      }
    }
    for (int i = 0; i < expected; i++) {
      KvArrival arrival =
          Objects.requireNonNull(arrivals.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      assertEquals(2, arrival.layer());
      assertEquals(77, arrival.tag());
      assertEquals(FROM.length, arrival.blocks());
    }
    decoders.forEach(to -> check(to, 2, 3));
  }

  @Test
  void ranksOfOneSizePushALayer() throws InterruptedException {
    push(2, 2, 2);
  }

  @Test
  void fourRanksPushToOne() throws InterruptedException {
    push(4, 1, 2);
  }

  @Test
  void oneRankPushesToFour() throws InterruptedException {
    push(1, 4, 2);
  }

  @Test
  void keysAlonePush() throws InterruptedException {
    push(2, 1, 1);
  }

  @Test
  void allLayersPushAtOnce() {
    Worker to = worker(KvRole.DECODE, KvShard.WHOLE);
    Worker from = worker(KvRole.PREFILL, KvShard.WHOLE);
    fill(from);
    from.communicator.connect(address(to));
    assertTrue(from.communicator.isConnected(address(to)));
    assertTrue(from.communicator.path(address(to)).orElseThrow().toString().startsWith("tcp"));
    completes(from.communicator.write(address(to), KvWrite.ofAllLayers(FROM, TO)));
    check(to, 0, LAYERS);
  }

  @Test
  void whatDoesNotGoTogetherIsRefusedAndSaysWhy() {
    Worker to = worker(KvRole.DECODE, KvShard.WHOLE, 2, "llama", "secret");
    refused(to, worker(KvRole.PREFILL, KvShard.WHOLE, 2, "qwen", "secret"), "qwen");
    refused(to, worker(KvRole.PREFILL, KvShard.WHOLE, 1, "llama", "secret"), "tensors=1");
    refused(to, worker(KvRole.PREFILL, KvShard.WHOLE, 2, "llama", "another"), "secret");
    refused(to, worker(KvRole.PREFILL, KvShard.WHOLE, 2, "llama", ""), "asks for a secret");
    until("none of them has a right", () -> to.transport.use().grants() == 0);
  }

  private static void refused(Worker to, Worker from, String why) {
    PagodaException refusal =
        assertThrows(PagodaException.class, () -> from.communicator.connect(address(to)));
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
    assertFalse(from.communicator.isConnected(address(to)));
  }

  @Test
  void aWriteToAWorkerThatIsGoneFails() throws InterruptedException {
    Worker to = worker(KvRole.DECODE, KvShard.WHOLE);
    Worker from = worker(KvRole.PREFILL, KvShard.WHOLE);
    from.communicator.connect(address(to));
    to.communicator.close();
    TransferEnd end = from.communicator.write(address(to), KvWrite.ofAllLayers(FROM, TO));
    assertFalse(end.completed(), end.toString());
    check(to, 0, 0);
    assertEquals(0, to.transport.use().grants());
  }

  @Test
  void aWorkerThatLeavesGivesItsGrantBack() throws InterruptedException {
    Worker to = worker(KvRole.DECODE, KvShard.WHOLE);
    Worker from = worker(KvRole.PREFILL, KvShard.WHOLE);
    from.communicator.connect(address(to));
    assertEquals(1, to.transport.use().grants());
    from.communicator.close();
    until("it is given back", () -> to.transport.use().grants() == 0);
  }

  @Test
  void aRightThatIsTooOldIsHadAgainByConnecting() {
    Worker to = worker(KvRole.DECODE, KvShard.WHOLE, 2, "llama", "", Duration.ofSeconds(2));
    Worker from = worker(KvRole.PREFILL, KvShard.WHOLE);
    fill(from);
    from.communicator.connect(address(to));
    until("it is too old", () -> !from.communicator.isConnected(address(to)));
    KvWrite what = KvWrite.ofAllLayers(FROM, TO);
    assertFalse(from.communicator.write(address(to), what).completed());
    // Its lifetime may be over again before a slow machine has written.
    until("it is had again", () -> {
      from.communicator.connect(address(to));
      return from.communicator.write(address(to), what).completed();
    });
    check(to, 0, LAYERS);
  }

  @Test
  void whoeverSaysNonsenseKeepsNobodyOut() {
    Worker to = worker(KvRole.DECODE, KvShard.WHOLE, 2, "llama", "secret");
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      try (Socket socket = new Socket()) {
        socket.connect(address(to));
        byte[] nonsense = new byte[random.nextInt(4000)];
        random.nextBytes(nonsense);
        if (random.nextBoolean() && nonsense.length > 4) {
          ByteBuffer.wrap(nonsense).putInt(nonsense.length - 4);
        }
        socket.getOutputStream().write(nonsense);
      } catch (IOException e) {
        // It was shut out before it had said all: it may be.
      }
    }
    Worker from = worker(KvRole.PREFILL, KvShard.WHOLE, 2, "llama", "secret");
    fill(from);
    from.communicator.connect(address(to));
    completes(from.communicator.write(address(to), KvWrite.ofAllLayers(FROM, TO)));
    check(to, 0, LAYERS);
    assertEquals(1, to.transport.use().grants(), "seed " + seed);
  }

  @Test
  void misuseIsSaid() {
    Worker to = worker(KvRole.DECODE, KvShard.WHOLE);
    Worker from = worker(KvRole.PREFILL, KvShard.WHOLE);
    KvWrite what = KvWrite.ofLayer(0, FROM, TO);
    assertThrows(
        IllegalArgumentException.class, () -> from.communicator.writeAsync(address(to), what));
    from.communicator.connect(address(to));
    KvWrite wrong = KvWrite.ofLayer(LAYERS, FROM, TO);
    assertThrows(
        IndexOutOfBoundsException.class, () -> from.communicator.writeAsync(address(to), wrong));
  }
}
