package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.BlockKeys;
import io.pagoda.Job;
import io.pagoda.KvLayout;
import io.pagoda.Match;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolSpec;
import io.pagoda.StoreStatistics.Tier;
import io.pagoda.StoreStatistics.TierCount;
import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.Deployment;
import io.pagoda.core.plugin.Plugins;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Stores in one process that ask each other, over sockets; every byte is compared. */
abstract class PeerRig {
  static final int BLOCK = 64 << 10;

  /** How many blocks the memory of a caller has. */
  static final int POOL = 64;

  private static final PoolSpec SHAPE = new PoolSpec(KvLayout.BLOCK_FIRST, 2, 2, POOL, BLOCK / 4);

  @TempDir Path directory;

  private final Deque<Node> open = new ArrayDeque<>();

  /** A store, and the memory of its caller. */
  record Node(Plugins plugins, Deployment deployment, Arena arena, MemorySegment memory, Pool pool)
      implements
        AutoCloseable {
    /** {@return where it lends} */
    String address() {
      return "127.0.0.1:" + deployment.server().orElseThrow().address().getPort();
    }

    /** Puts a prefix, every byte of which follows from its key and its place. */
    void put(BlockKeys keys) {
      assertEquals(keys.size(), stored(keys));
    }

    /** As {@link #put}; returns how many blocks there was room for. */
    int stored(BlockKeys keys) {
      for (int i = 0; i < keys.size(); i++) {
        memory.asSlice((long) i * BLOCK, BLOCK).copyFrom(block(keys.low(i)));
      }
      int[] blocks = IntStream.range(0, keys.size()).toArray();
      return done(deployment.store().put(keys, pool, blocks)).blocks();
    }

    private static Outcome done(Job job) {
      Outcome outcome = job.settled().toCompletableFuture().join();
      job.finished().toCompletableFuture().join();
      return outcome;
    }

    /** Matches and fetches a prefix; compares every byte of as much as arrives. */
    Outcome fetch(BlockKeys keys) {
      return fetch(deployment.store().match(keys));
    }

    Outcome fetch(Match match) {
      memory.fill((byte) 0xee);
      int[] blocks = IntStream.range(0, match.blocks()).toArray();
      Outcome outcome = done(deployment.store().fetch(match, pool, blocks));
      for (int i = 0; i < outcome.blocks(); i++) {
        MemorySegment found = memory.asSlice((long) i * BLOCK, BLOCK);
        assertEquals(-1, block(match.keys().low(i)).mismatch(found), "wrong in block " + i);
      }
      return outcome;
    }

    /** {@return the bytes of a block} */
    static MemorySegment block(long key) {
      byte[] bytes = new byte[BLOCK];
      for (int at = 0; at < BLOCK; at++) {
        bytes[at] = pattern(key, at);
      }
      return MemorySegment.ofArray(bytes);
    }

    static byte pattern(long key, int at) {
      return (byte) ((key + at * 0xD1B54A32D192ED03L) >>> 56);
    }

    Tier tier(String name) {
      return deployment.store()
          .statistics()
          .tiers()
          .stream()
          .filter(tier -> tier.name().equals(name))
          .findFirst()
          .orElseThrow();
    }

    long count(TierCount which) {
      return tier("peers").count(which);
    }

    @Override
    public void close() {
      pool.close();
      deployment.close();
      plugins.close();
      arena.close();
    }
  }

  @AfterEach
  void close() {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }

  /** Opens a store; it is closed at the end of the test, before those that were opened earlier. */
  Node open(String config) throws IOException {
    Path file = Files.createTempFile(directory, "node", ".conf");
    Files.writeString(file, "pagoda {\n" + config + "\n}\n");
    Plugins plugins = Plugins.onModulePath();
    PagodaConfig read =
        PagodaConfig.load(Optional.of(file), Overrides.NONE.blockBytes(BLOCK + "B"));
    Deployment deployment = Deployment.open(read, plugins, StageTimes.NONE);
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(SHAPE.bytes(), 4096);
    Node node =
        new Node(plugins, deployment, arena, memory, deployment.store().register(SHAPE, memory));
    open.push(node);
    return node;
  }

  void close(Node node) {
    open.remove(node);
    node.close();
  }

  /** Opens a store that lends. */
  Node lender(int blocks, String more) throws IOException {
    return open("""
        tiers = [ { type = cpu, blocks = %d } ]
        peers { name = lender, listen = "127.0.0.1:0" }
        %s
        """.formatted(blocks, more));
  }

  /**
   * Opens a store that lends at a port that it can have again when it is gone: one that the system
   * gives to nobody who asks for any, so that none of those comes in between, nor a peer that meets
   * itself while it looks for this one.
   */
  Node lenderThatComesBack(int blocks) throws IOException {
    return lender(blocks, "peers.listen = \"127.0.0.1:%d\"".formatted(lowPort()));
  }

  private static int lowPort() throws IOException {
    var random = new SplittableRandom();
    for (int tries = 0; tries < 100; tries++) {
      int port = random.nextInt(20_000, 30_000);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException _) {
        // somebody has it
      }
    }
    throw new AssertionError("no port is free");
  }

  /** Opens a store that asks. */
  Node asker(int blocks, String address, String more) throws IOException {
    return asker(blocks, more, List.of("{ name = lender, address = \"%s\" }".formatted(address)));
  }

  /** Opens a store that asks nodes. */
  Node asker(int blocks, String more, List<String> nodes) throws IOException {
    return open("""
        tiers = [ { type = cpu, blocks = %d }
                  { name = peers, type = peer, blocks = 1000, nodes = [ %s ] } ]
        peers { name = asker }
        tier.peer { deadline = 10s, retry = 50ms, longest-retry = 200ms }
        engine.look-up = 10s
        %s
        """.formatted(blocks, String.join(", ", nodes), more));
  }

  static BlockKeys keys(int prefix, int count) {
    long[] words = new long[2 * count];
    for (int i = 0; i < count; i++) {
      words[2 * i] = prefix;
      words[2 * i + 1] = (i + 1 + 1000L * prefix) * 0x9E3779B97F4A7C15L;
    }
    return BlockKeys.ofWords(words);
  }

  static void await(String what, BooleanSupplier so) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!so.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, what);
      Thread.onSpinWait();
    }
  }
}
