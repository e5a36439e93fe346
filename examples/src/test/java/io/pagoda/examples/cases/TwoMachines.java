package io.pagoda.examples.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.KvArrival;
import io.pagoda.KvArrivals;
import io.pagoda.KvLayout;
import io.pagoda.KvShard;
import io.pagoda.KvWrite;
import io.pagoda.OperationTerms;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.ReadOperation;
import io.pagoda.ReadableOperation;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.CommunicatorDeployment;
import io.pagoda.core.plugin.Plugins;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs in two machines at once, which {@code rdma-vm -2} makes: the first decodes and reads, the
 * second prefills into its memory and lends. What they have to know of each other is in files of a
 * directory that both see.
 */
@Timeout(240)
class TwoMachines {
  private static final int LAYERS = 3;
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, LAYERS, 2, 32, 64 << 10);
  private static final int[] FROM = {7, 3, 31, 4, 0};
  private static final int[] TO = {1, 30, 2, 3, 17};
  private static final long LENT = 5 << 20;
  /** Of a packet, beside what it carries, as a software device counts them. */
  private static final int HEADER_BYTES = 80;

  private final Path shared = Path.of(System.getProperty("pagoda.test.shared", "."));
  private final boolean first = "1".equals(System.getenv("RDMA_VM"));
  private final BlockingQueue<KvArrival> arrivals = new LinkedBlockingQueue<>();

  @TempDir private Path directory;

  /** Lets the other machine read a text. */
  private void publish(String name, String text) throws IOException {
    Path written = Files.writeString(shared.resolve(name + ".part"), text);
    Files.move(written, shared.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private String await(String name) throws IOException {
    Path file = shared.resolve(name);
    while (!Files.exists(file)) {
      LockSupport.parkNanos(100_000_000); // another machine's files tell of nothing
    }
    return Files.readString(file);
  }

  /** {@return what packets carry that both ports take: the smaller interface's, a power of two} */
  private static int mtu() {
    int least = Arrays.stream(System.getenv("RDMA_VM_MTU").split(",", -1))
        .mapToInt(Integer::parseInt)
        .min()
        .orElseThrow();
    return Integer.highestOneBit(least - HEADER_BYTES);
  }

  private static void goesByTheSmallerMtu(String path) {
    System.out.println("By " + path);
    assertTrue(path.startsWith("rdma: rxe0, GID 1, MTU %d, ".formatted(mtu())), path);
  }

  private CommunicatorDeployment worker(Plugins plugins, MemorySegment memory) throws IOException {
    Path file = Files.writeString(directory.resolve("worker.conf"), """
        pagoda.model.name = llama
        pagoda.communicator { role = %s, name = %s, interface = eth0, connect-timeout = 60s }
        pagoda.communicator.transports = [rdma]
        pagoda.transport.rdma { silence = 20s, handshake = 30s, queue-pairs = 2 }
        """.formatted(first ? "decode" : "prefill", first ? "d1" : "p1"));
    PagodaConfig config = PagodaConfig.load(Optional.of(file), Overrides.NONE);
    KvArrivals told = first ? arrivals::add : KvArrivals.NONE;
    return CommunicatorDeployment.open(
        config, plugins, new PoolPart(SPEC, List.of(memory), 0, 0, false), KvShard.WHOLE, told);
  }

  @Test
  void prefillWritesBlocksIntoTheOtherMachinesMemory() throws Exception {
    try (Plugins plugins = Plugins.onModulePath();
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(SPEC.bytes(), 64);
      MemorySegment source = arena.allocate(SPEC.bytes(), 64);
      Words.fill(source, 11);
      if (!first) {
        memory.copyFrom(source);
      }
      try (CommunicatorDeployment own = worker(plugins, memory)) {
        if (first) {
          decode(own, memory, source);
        } else {
          prefill(own);
        }
      }
    }
  }

  private void decode(CommunicatorDeployment own, MemorySegment memory, MemorySegment source)
      throws Exception {
    InetSocketAddress address = own.communicator().address().orElseThrow();
    publish("decode", address.getAddress().getHostAddress() + " " + address.getPort());
    for (int layer = 0; layer < LAYERS; layer++) {
      KvArrival arrival = arrivals.poll(120, TimeUnit.SECONDS);
      assertNotNull(arrival, "nothing came");
      assertEquals(new KvArrival("p1", layer, FROM.length, 100 + layer), arrival);
    }
    MemorySegment expected = Arena.ofAuto().allocate(SPEC.bytes(), 64);
    for (int layer = 0; layer < LAYERS; layer++) {
      for (int tensor = 0; tensor < 2; tensor++) {
        for (int i = 0; i < FROM.length; i++) {
          MemorySegment.copy(
              source, SPEC.offset(FROM[i], layer, tensor), expected,
              SPEC.offset(TO[i], layer, tensor), SPEC.chunkBytes());
        }
      }
    }
    assertEquals(-1, memory.mismatch(expected), "each block in its place, and nothing beside");
    publish("decoded", "right");
  }

  private void prefill(CommunicatorDeployment own) throws Exception {
    String[] told = await("decode").split(" ", -1);
    InetSocketAddress address = new InetSocketAddress(told[0], Integer.parseInt(told[1]));
    own.communicator().connect(address);
    for (int layer = 0; layer < LAYERS; layer++) {
      KvWrite write = KvWrite.ofLayer(layer, FROM, TO).tagged(100 + layer);
      assertEquals(true, own.communicator().write(address, write).completed());
    }
    String path = own.communicator().path(address).orElseThrow().toString();
    goesByTheSmallerMtu(path);
    assertTrue(path.contains("2 queue pairs"), path);
    assertEquals("right", await("decoded"));
  }

  @Test
  void aConnectorReadsTheOtherMachinesMemory() throws Exception {
    try (Side side = new Side(directory, Side.config(first ? "reads" : "lends"));
        Guarded memory = new Guarded(4_096, LENT)) {
      if (first) {
        ReadOperation read = side.read(await("lent"), memory);
        Side.complete(read);
        assertEquals("", memory.wrong(5));
        assertEquals(Side.TRANSPORT, read.path().transport());
        goesByTheSmallerMtu(read.path().toString());
        publish("read", "right");
      } else {
        OperationTerms terms = OperationTerms.within(Duration.ofMinutes(3));
        ReadableOperation lent =
            side.connector().createReadable(memory.fill(5).descriptors(), terms);
        publish("lent", lent.metadata().toJson());
        assertEquals("right", await("read"));
        Side.complete(lent);
      }
    }
  }
}
