package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.transport.Grant;
import io.pagoda.spi.transport.GrantListener;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Peer;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.TransferEnd;
import io.pagoda.spi.transport.TransferHandle;
import io.pagoda.spi.transport.TransportException;
import io.pagoda.spi.transport.TransportException.Why;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes wrong on a device ends everything in time, with a reason; {@code rdma-vm} has one. */
@Timeout(120)
class TroubleOnDeviceIT {
  private static final Duration DEADLINE = Duration.ofSeconds(40);
  private static final int MANY = 40;

  private static List<TransferHandle> begin(DevicePair pair, Link link, GrantMetadata to)
      throws Exception {
    List<TransferHandle> handles = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      handles.add(link.post(DevicePair.whole(pair.local, to), DEADLINE));
    }
    assertTrue(end(handles.getFirst()).completed(), "the first is over, and others are on the way");
    return handles;
  }

  private static TransferEnd end(TransferHandle handle)
      throws InterruptedException, ExecutionException, TimeoutException {
    return handle.ended().toCompletableFuture().get(DEADLINE.toSeconds() + 10, TimeUnit.SECONDS);
  }

  /** {@return why the last of them failed; all have ended, by their deadline} */
  private static PagodaException failure(List<TransferHandle> handles) throws Exception {
    for (TransferHandle one : handles) {
      assertNotEquals(TransferEnd.Expired.class, end(one).getClass(), () -> one.toString());
      one.quiet().toCompletableFuture().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }
    return assertInstanceOf(TransferEnd.Failed.class, end(handles.getLast())).cause();
  }

  private static void says(PagodaException failure, String part) {
    assertTrue(String.valueOf(failure.getMessage()).contains(part), failure::toString);
  }

  /** From now on nothing changes it. */
  private static void stays(MemorySegment memory) {
    memory.fill((byte) 0xEE);
    for (long end = System.nanoTime() + 1_000_000_000; System.nanoTime() < end;) {
      for (long at = 0; at < memory.byteSize(); at += 4_096) {
        assertEquals((byte) 0xEE, memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at));
      }
    }
  }

  @Test
  void whoWritesToAPeerThatIsKilledHearsOfIt() throws Exception {
    try (DevicePair pair = new DevicePair(new Rig());
        DevicePair wide = new DevicePair(new Rig().pairs(3));
        DeviceProcess child = DeviceProcess.start(List.of(), "serve")) {
      String[] told = child.next("serving ").split(" ", -1);
      PeerMetadata peer = PeerMetadata.decode(HexFormat.of().parseHex(told[0]));
      GrantMetadata to = GrantMetadata.decode(HexFormat.of().parseHex(told[1]));
      Link link = pair.here.connect(peer, DevicePair.PATIENCE);
      Link byThree = wide.here.connect(peer, DevicePair.PATIENCE);
      List<TransferHandle> handles = begin(pair, link, to);
      List<TransferHandle> others = begin(wide, byThree, to);
      child.kill();
      for (PagodaException failure : List.of(failure(handles), failure(others))) {
        assertEquals(Why.LOST, ((TransportException) failure).why());
        says(failure, "Lost child at ");
      }
      var again =
          assertThrows(TransportException.class, () -> pair.here.connect(peer, DEADLINE).close());
      assertEquals(Why.UNREACHABLE, again.why(), again::toString);
    }
  }

  @Test
  void whomAPeerWroteToThatIsKilledHearsOfIt() throws Exception {
    CompletableFuture<PagodaException> lost = new CompletableFuture<>();
    GrantListener ears = new GrantListener() {
      @Override
      public void lost(Peer peer, PagodaException cause) {
        lost.complete(cause);
      }
    };
    try (RdmaTransport own = new Rig().open("parent");
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(DevicePair.BYTES, 4_096);
      Grant grant = DevicePair.granted(own, memory, ears);
      String[] told = DeviceMain.told(own.listen().metadata(), grant.metadata()).split(" ", -1);
      try (DeviceProcess child = DeviceProcess.start(List.of(), "write", told[0], told[1])) {
        assertTrue(child.next("wrote").startsWith("Completed"));
        child.kill();
        says(lost.get(DEADLINE.toSeconds(), TimeUnit.SECONDS), "Lost child at ");
        grant.revoke().toCompletableFuture().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
        stays(memory);
      }
    }
  }

  @Test
  void aWrongKeyWritesNothingAndTheNextLinkWorks() throws Exception {
    wrongKey(new Rig());
    wrongKey(new Rig().pairs(3));
  }

  private static void wrongKey(Rig rig) throws Exception {
    try (DevicePair pair = new DevicePair(rig)) {
      byte[] table =
          Objects.requireNonNull(pair.there.grants().find(pair.grant.metadata().token())).table();
      table[3 * Long.BYTES] ^= 1; // the first byte of the first key
      TransferEnd end = end(pair.link.post(pair.batch(), DEADLINE));
      PagodaException failure = assertInstanceOf(TransferEnd.Failed.class, end).cause();
      assertEquals(Why.LOST, ((TransportException) failure).why());
      says(failure, "REM_ACCESS_ERR");
      assertEquals(-1, pair.target.mismatch(MemorySegment.ofArray(new byte[DevicePair.BYTES])));
      table[3 * Long.BYTES] ^= 1;
      assertTrue(end(pair.connect().post(pair.batch(), DEADLINE)).completed());
      assertEquals(-1, pair.target.mismatch(pair.source));
    }
  }

  @Test
  void aRevokedGrantEndsWhatUsesItAndNothingIsWrittenAfter() throws Exception {
    revoked(new Rig());
    revoked(new Rig().pairs(3));
  }

  private static void revoked(Rig rig) throws Exception {
    try (DevicePair pair = new DevicePair(rig)) {
      List<TransferHandle> handles = begin(pair, pair.link, pair.grant.metadata());
      pair.grant.revoke().toCompletableFuture().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      stays(pair.target);
      says(failure(handles), "no grant there has this token");
      assertTrue(pair.link.alive(), "whoever leaves in time keeps its link");
    }
  }

  @Test
  void whoDoesNotLeaveARevokedGrantIsCutOff() throws Exception {
    try (DevicePair pair = new DevicePair(new Rig().impatient())) {
      List<TransferHandle> handles = begin(pair, pair.link, pair.grant.metadata());
      pair.grant.revoke().toCompletableFuture().get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      stays(pair.target);
      says(failure(handles), "grant");
    }
  }

  @Test
  void registeringMoreThanMayBeLockedSaysWhatToDo() throws IOException {
    List<String> limited = List.of(
        "setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock", "prlimit",
        "--memlock=8388608:8388608");
    try (DeviceProcess child = DeviceProcess.start(limited, "register", "67108864")) {
      assertEquals("is registered", child.next("small"));
      String refused = child.next("refused");
      assertTrue(refused.contains("67108864 bytes of memory cannot be registered"), refused);
      assertTrue(refused.contains("raise `ulimit -l`"), refused);
    }
  }
}
