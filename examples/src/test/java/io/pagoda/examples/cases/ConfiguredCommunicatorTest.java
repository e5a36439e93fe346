package io.pagoda.examples.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.KvArrival;
import io.pagoda.KvArrivals;
import io.pagoda.KvLayout;
import io.pagoda.KvRole;
import io.pagoda.KvShard;
import io.pagoda.KvWrite;
import io.pagoda.PagodaException;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Communicators that are as their files say. */
class ConfiguredCommunicatorTest {
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.BLOCK_FIRST, 2, 2, 8, 4096);

  @TempDir private Path directory;

  private final BlockingQueue<KvArrival> arrivals = new LinkedBlockingQueue<>();

  private CommunicatorDeployment open(
      Plugins plugins, MemorySegment memory, KvArrivals told, String... lines) throws IOException {
    Path file = Files.createTempFile(directory, "worker", ".conf");
    Files.write(file, List.of(lines));
    PagodaConfig config = PagodaConfig.load(Optional.of(file), Overrides.NONE);
    return CommunicatorDeployment.open(
        config, plugins, new PoolPart(SPEC, List.of(memory), 0, 0, false), KvShard.WHOLE, told);
  }

  @Test
  void pushesBlocksAsTheFilesSay() throws Exception {
    Path secret = Files.writeString(directory.resolve("secret"), "a secret of some length");
    String common = "pagoda.model.name = llama\npagoda.communicator { connect-timeout = 20s, "
        + "transports = [rdma, tcp], secret-file = \"%s\" }".formatted(secret);
    try (Plugins plugins = Plugins.onModulePath();
        Arena arena = Arena.ofShared();
        CommunicatorDeployment decode = open(
            plugins, arena.allocate(SPEC.bytes(), 64), arrivals::add, common,
            "pagoda.communicator { role = decode, interface = lo, name = d1 }");
        CommunicatorDeployment prefill = open(
            plugins, arena.allocate(SPEC.bytes(), 64).fill((byte) 7), KvArrivals.NONE, common,
            "pagoda.communicator { role = prefill, name = p1 }")) {
      assertEquals(KvRole.DECODE, decode.communicator().role());
      assertEquals(KvRole.PREFILL, prefill.communicator().role());
      InetSocketAddress address = decode.communicator().address().orElseThrow();
      assertTrue(address.getAddress().isLoopbackAddress());
      prefill.communicator().connect(address);
      assertTrue(
          prefill.communicator()
              .write(address, KvWrite.ofLayer(1, new int[] {1, 2}, new int[] {5, 3}))
              .completed());
      KvArrival arrival = arrivals.poll(20, TimeUnit.SECONDS);
      assertTrue(String.valueOf(arrival).contains("p1"), () -> String.valueOf(arrival));
      assertEquals(Side.TRANSPORT, prefill.communicator().path(address).orElseThrow().transport());
    }
  }

  @Test
  void workersOfAnotherModelAreRefused() throws Exception {
    try (Plugins plugins = Plugins.onModulePath();
        Arena arena = Arena.ofShared();
        CommunicatorDeployment decode = open(
            plugins, arena.allocate(SPEC.bytes(), 64), arrivals::add, "pagoda.model.name = llama",
            "pagoda.communicator.role = decode");
        CommunicatorDeployment prefill = open(
            plugins, arena.allocate(SPEC.bytes(), 64), KvArrivals.NONE, "pagoda.model.name = qwen",
            "pagoda.communicator.role = prefill")) {
      InetSocketAddress address = decode.communicator().address().orElseThrow();
      var e = assertThrows(PagodaException.class, () -> prefill.communicator().connect(address));
      assertTrue(String.valueOf(e.getMessage()).contains("qwen"), e::toString);
    }
  }

  @Test
  void whatIsWrongOpensNothing() {
    assumeTrue(Side.bySockets(), "this machine has an RDMA device");
    try (Plugins plugins = Plugins.onModulePath();
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(SPEC.bytes(), 64);
      var e = assertThrows(
          PagodaException.class,
          () -> open(
              plugins, memory, KvArrivals.NONE, "pagoda.communicator.role = prefill",
              "pagoda.communicator.transports = [rdma]").close());
      assertTrue(String.valueOf(e.getMessage()).contains("rdma"), e::toString);
    }
  }
}
