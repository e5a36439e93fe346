package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Descriptor;
import io.pagoda.Device;
import io.pagoda.Operation;
import io.pagoda.OperationEnd;
import io.pagoda.OperationState;
import io.pagoda.OperationTerms;
import io.pagoda.PassiveOperation;
import io.pagoda.ReadOperation;
import io.pagoda.ReadableOperation;
import io.pagoda.WritableOperation;
import io.pagoda.WriteOperation;
import io.pagoda.spi.transport.Road;
import io.pagoda.transport.tcp.StagedSide.Memory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Memory of devices that sockets do not move passes through host memory, on either side. */
@Timeout(300)
class StagedOperationsTest {
  private static final int[] SIZES = {1, 4_097, 65_536, 1_000_003, (3 << 20) + 5, 63};
  private static final long BUDGET = 32 << 20;
  private static final OperationTerms MINUTE = StagedSide.MINUTE;

  /** Enough for a slow machine to get to where it is held up. */
  private static final OperationTerms ENOUGH = OperationTerms.within(Duration.ofSeconds(10));

  private static final OperationTerms SOON = OperationTerms.within(Duration.ofSeconds(5));

  private final long seed = Long.getLong("pagoda.seed", System.nanoTime());
  private final List<AutoCloseable> open = new ArrayList<>();
  private final StagedSide there = side("there", BUDGET);
  private final StagedSide here = side("here", BUDGET);

  private StagedSide side(String name, long staging) {
    StagedSide made = new StagedSide(name, staging);
    open.addFirst(made);
    return made;
  }

  /** Whatever a test did: nothing is left of it. */
  @AfterEach
  void closeAll() throws Exception {
    try {
      here.checkIdle();
      there.checkIdle();
    } finally {
      for (AutoCloseable one : open) {
        one.close();
      }
    }
  }

  private static OperationEnd settled(Operation operation) throws Exception {
    return operation.settled().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static void complete(Operation... operations) throws Exception {
    for (Operation operation : operations) {
      OperationEnd end = settled(operation);
      assertEquals(OperationState.COMPLETE, end.state(), end::toString);
    }
  }

  private static String errored(Trouble trouble, Operation operation) throws Exception {
    return message(trouble, settled(operation));
  }

  private static String message(Trouble trouble, OperationEnd end) {
    assertEquals(OperationState.ERRORED, end.state(), end::toString);
    ConnectorException cause = end.cause().orElseThrow();
    assertEquals(trouble, cause.trouble(), cause::toString);
    return String.valueOf(cause.getMessage());
  }

  private static void cancelled(Operation operation) throws Exception {
    OperationEnd end = settled(operation);
    assertEquals(OperationState.CANCELLED, end.state(), end::toString);
  }

  private ReadOperation read(PassiveOperation exposed, Memory into, OperationTerms terms) {
    return here.connector.beginRead(exposed.metadata(), into.descriptors(), terms);
  }

  private WriteOperation write(Memory from, PassiveOperation exposed, OperationTerms terms) {
    return here.connector.beginWrite(from.descriptors(), exposed.metadata(), terms);
  }

  private ReadableOperation readable(Memory memory, OperationTerms terms) {
    return there.connector.createReadable(memory.descriptors(), terms);
  }

  private WritableOperation writable(Memory memory, OperationTerms terms) {
    return there.connector.createWritable(memory.descriptors(), terms);
  }

  @ParameterizedTest
  @CsvSource({"true, true, false", "true, true, true", "true, false, false", "true, false, true",
    "false, true, false", "false, true, true"})
  void memoryGoesFromEitherKindToEitherKind(boolean farThere, boolean farHere, boolean verified)
      throws Exception {
    OperationTerms terms = verified ? MINUTE.verify() : MINUTE;
    Memory source = there.memory(farThere, SIZES).fill(seed);
    ReadableOperation readable = readable(source, terms);
    Memory target = here.memory(farHere, SIZES);
    ReadOperation read = read(readable, target, MINUTE);
    complete(read, readable);
    target.check(seed, "read");
    assertEquals(target.descriptors(), read.results());
    checkPath(read.path(), farHere);

    Memory from = here.memory(farHere, SIZES).fill(seed + 1);
    WritableOperation writable = writable(source, terms);
    assertEquals(farThere, writable.toString().contains("staged through host memory"));
    WriteOperation write = write(from, writable, MINUTE);
    complete(write, writable);
    source.check(seed + 1, "written");
    checkPath(write.path(), farHere);
  }

  private static void checkPath(Road path, boolean staged) {
    assertEquals("tcp", path.transport());
    assertEquals(staged, path.detail().startsWith("staged through host memory, "), path::toString);
    assertEquals(
        staged ? "tcp does not move memory of cuda:0: sockets read and write host memory" : "",
        path.instead());
  }

  @Test
  void memoryOverTheEndOfWhatIsMappedAtOnceMovesToo() throws Exception {
    Memory source = there.overAnEdge(5_000_001).fill(seed);
    Memory target = here.overAnEdge(5_000_001);
    ReadableOperation readable = readable(source, MINUTE.verify());
    complete(read(readable, target, MINUTE), readable);
    target.check(seed, "read");
    assertEquals(2, there.device.regions.get());
    assertEquals(2, here.device.regions.get());
  }

  @Test
  void whatIsExposedToBeReadIsAsItWasThen() throws Exception {
    Memory source = there.far(SIZES).fill(seed);
    ReadableOperation readable = readable(source, MINUTE.uses(2));
    source.fill(seed + 1);
    for (int use = 0; use < 2; use++) {
      Memory target = here.far(SIZES);
      complete(read(readable, target, MINUTE));
      target.check(seed, "read");
    }
    complete(readable);
  }

  @Test
  void severalWritersAreCopiedOnOnce() throws Exception {
    Memory target = there.far(SIZES);
    WritableOperation writable = writable(target, MINUTE.uses(2).verify());
    complete(write(here.far(SIZES).fill(seed), writable, MINUTE));
    assertEquals(0, there.device.in.get());
    complete(write(here.near(SIZES).fill(seed + 1), writable, MINUTE), writable);
    target.check(seed + 1, "written");
    long bytes = target.descriptors().stream().mapToLong(Descriptor::bytes).sum();
    assertEquals(bytes, there.device.in.get());
  }

  /** The peer is told what is true, too. */
  @Test
  void aReadThatTheDeviceDoesNotTakeFailsOnBothSides() throws Exception {
    ReadableOperation readable = readable(there.far(SIZES).fill(seed), MINUTE);
    here.device.broken = true;
    Memory target = here.far(SIZES);
    ReadOperation read = read(readable, target, MINUTE);
    String why = errored(Trouble.FAILED, read);
    assertTrue(why.contains("fallen off the bus"), why);
    String told = errored(Trouble.PEER_FAILED, readable);
    assertTrue(told.contains("fallen off the bus"), told);
    target.checkUntouched();
  }

  @Test
  void aWriteThatTheDeviceDoesNotGiveFailsOnBothSides() throws Exception {
    Memory target = there.far(SIZES);
    WritableOperation writable = writable(target, MINUTE);
    here.device.broken = true;
    String why = errored(Trouble.FAILED, write(here.far(SIZES).fill(seed), writable, MINUTE));
    assertTrue(why.contains("from the device"), why);
    errored(Trouble.PEER_FAILED, writable);
    target.checkUntouched();
  }

  @Test
  void whatTheDeviceDoesNotGiveIsNotExposed() {
    there.device.broken = true;
    Memory source = there.far(SIZES);
    var e = assertThrows(ConnectorException.class, () -> readable(source, MINUTE));
    assertTrue(String.valueOf(e.getMessage()).contains("fallen off the bus"), e::toString);
  }

  /** Who has written has delivered it; who exposed the memory knows that it is not there. */
  @Test
  void whatTheDeviceDoesNotTakeIsNotWritten() throws Exception {
    Memory target = there.far(SIZES);
    WritableOperation writable = writable(target, MINUTE);
    there.device.broken = true;
    complete(write(here.near(SIZES).fill(seed), writable, MINUTE));
    String why = errored(Trouble.FAILED, writable);
    assertTrue(why.contains("fallen off the bus"), why);
  }

  @Test
  void aReadIsCalledOffWhileItsDeviceCopies() throws Exception {
    ReadableOperation readable = readable(there.far(SIZES).fill(seed), MINUTE);
    FarDevice.Hold hold = here.device.hold();
    ReadOperation read = read(readable, here.far(SIZES), MINUTE);
    hold.awaitReached();
    var cancel = read.cancel().toCompletableFuture();
    assertEquals(OperationState.CANCELLED, read.state());
    cancelled(readable);
    assertFalse(cancel.isDone(), "the device still writes");
    assertTrue(here.connector.use().stagedBytes() > 0);
    hold.release();
    assertTrue(cancel.get(60, TimeUnit.SECONDS));
    cancelled(read);
  }

  @Test
  void aReadIsTooLateWhileItsDeviceCopies() throws Exception {
    ReadableOperation readable = readable(there.far(SIZES).fill(seed), MINUTE);
    FarDevice.Hold hold = here.device.hold();
    ReadOperation read = read(readable, here.far(SIZES), ENOUGH);
    hold.awaitReached();
    OperationEnd end = read.ended().toCompletableFuture().get(60, TimeUnit.SECONDS);
    String why = message(Trouble.EXPIRED, end);
    assertTrue(why.contains("its device was not done with copying"), why);
    assertFalse(read.settled().toCompletableFuture().isDone(), "the device still writes");
    hold.release();
    errored(Trouble.EXPIRED, read);
    errored(Trouble.EXPIRED, readable);
  }

  @Test
  void aWriteIsCalledOffWhileItsDeviceCopies() throws Exception {
    Memory target = there.far(SIZES);
    WritableOperation writable = writable(target, MINUTE);
    FarDevice.Hold hold = here.device.hold();
    WriteOperation write = write(here.far(SIZES).fill(seed), writable, MINUTE);
    hold.awaitReached();
    var cancel = write.cancel().toCompletableFuture();
    assertEquals(OperationState.CANCELLED, write.state());
    assertFalse(cancel.isDone(), "the device still reads");
    hold.release();
    assertTrue(cancel.get(60, TimeUnit.SECONDS));
    cancelled(writable);
    target.checkUntouched();
  }

  @Test
  void exposedMemoryIsCalledOffWhileItsDeviceCopies() throws Exception {
    WritableOperation writable = writable(there.far(SIZES), MINUTE);
    FarDevice.Hold hold = there.device.hold();
    complete(write(here.near(SIZES).fill(seed), writable, MINUTE));
    hold.awaitReached();
    var cancel = writable.cancel().toCompletableFuture();
    assertEquals(OperationState.CANCELLED, writable.state());
    assertFalse(cancel.isDone(), "the device still writes");
    assertTrue(there.connector.use().stagedBytes() > 0);
    hold.release();
    assertTrue(cancel.get(60, TimeUnit.SECONDS));
  }

  @Test
  void exposedMemoryIsTooLateWhileItsDeviceCopies() throws Exception {
    WritableOperation writable = writable(there.far(SIZES), ENOUGH);
    FarDevice.Hold hold = there.device.hold();
    complete(write(here.near(SIZES).fill(seed), writable, MINUTE));
    hold.awaitReached();
    OperationEnd end = writable.ended().toCompletableFuture().get(60, TimeUnit.SECONDS);
    String why = message(Trouble.EXPIRED, end);
    assertTrue(why.contains("its device was not done with copying"), why);
    assertFalse(writable.settled().toCompletableFuture().isDone(), "the device still writes");
    hold.release();
    errored(Trouble.EXPIRED, writable);
  }

  /** One of two uses is not enough. */
  @Test
  void whatIsCalledOffOrTooLateCopiesNothing() throws Exception {
    Memory off = there.far(SIZES);
    WritableOperation cancelled = writable(off, MINUTE.uses(2));
    complete(write(here.near(SIZES).fill(seed), cancelled, MINUTE));
    assertTrue(cancelled.cancel().toCompletableFuture().get(60, TimeUnit.SECONDS));
    Memory late = there.far(SIZES);
    WritableOperation expired = writable(late, SOON.uses(2));
    settled(write(here.near(SIZES).fill(seed), expired, MINUTE)); // in time, or not even that
    errored(Trouble.EXPIRED, expired);
    off.checkUntouched();
    late.checkUntouched();
    assertEquals(0, there.device.in.get());
  }

  @Test
  void aPeerIsLostWhileTheDeviceCopies() throws Exception {
    StagedSide gone = side("gone", BUDGET);
    WritableOperation writable =
        gone.connector.createWritable(gone.far(SIZES).descriptors(), MINUTE);
    FarDevice.Hold hold = here.device.hold();
    WriteOperation write = write(here.far(SIZES).fill(seed), writable, MINUTE);
    hold.awaitReached();
    open.remove(gone);
    gone.close();
    hold.release();
    OperationEnd end = settled(write);
    assertEquals(OperationState.ERRORED, end.state(), end::toString);
  }

  @Test
  void whoFindsNoRoomWaitsAndGivesUpInTime() throws Exception {
    int most = (int) (BUDGET / 2);
    ReadableOperation all = readable(there.far(most), MINUTE);
    Memory more = there.far(1);
    var late = assertThrows(ConnectorException.class, () -> writable(more, SOON));
    assertEquals(Trouble.EXPIRED, late.trouble());
    assertTrue(
        String.valueOf(late.getMessage()).contains("pagoda.connector.staging"), late::toString);

    FarDevice.Hold hold = here.device.hold();
    ReadOperation first = read(all, here.far(most), MINUTE);
    hold.awaitReached();
    ReadableOperation other = readable(there.near(1), MINUTE.uses(2));
    ReadOperation waiting = read(other, here.far(1), MINUTE);
    ReadOperation brief = read(other, here.far(1), SOON);
    String why = errored(Trouble.EXPIRED, brief);
    assertTrue(why.contains("pagoda.connector.staging"), why);
    assertTrue(waiting.cancel().toCompletableFuture().get(60, TimeUnit.SECONDS));
    hold.release();
    complete(first, all);
    assertFalse(settled(other).completed(), "one was too late, and one called off");
  }

  @Test
  void moreThanThereIsRoomForIsRefused() {
    int more = (int) (BUDGET / 2) + 1;
    Memory far = there.far(more);
    for (Runnable each : List
        .<Runnable>of(() -> readable(far, MINUTE), () -> writable(far, MINUTE))) {
      var e = assertThrows(ConnectorException.class, each::run);
      assertEquals(Trouble.NO_TRANSPORT, e.trouble());
      String needed = "pagoda.connector.staging must be %d bytes".formatted(BUDGET + 128);
      assertTrue(String.valueOf(e.getMessage()).contains(needed), e::toString);
    }
  }

  @Test
  void aMemoryOfNoDeviceIsRefused() {
    var unknown = List.of(Descriptor.of(1 << 20, 64, Device.cuda(7)));
    var e = assertThrows(
        ConnectorException.class, () -> there.connector.createReadable(unknown, MINUTE));
    assertTrue(String.valueOf(e.getMessage()).contains("pagoda.connector.devices"), e::toString);
  }

  /** More at once than there is room for, both ways and in both roles: all of it arrives. */
  @Test
  void manyGoThroughLittleRoom() throws Exception {
    int size = 700_001;
    StagedSide one = side("one", 4L * size);
    StagedSide two = side("two", 4L * size);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        long mine = seed + i;
        boolean back = i % 2 == 0;
        boolean reads = i % 4 < 2;
        all.add(
            CompletableFuture.runAsync(
                () -> moved(back ? one : two, back ? two : one, reads, size, mine), threads));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).get(200, TimeUnit.SECONDS);
    }
    one.checkIdle();
    two.checkIdle();
  }

  private static void moved(
      StagedSide passive, StagedSide active, boolean reads, int size, long seed) {
    try {
      Memory far = passive.far(size, 1 + (int) Long.remainderUnsigned(seed, 5000));
      int[] sizes = far.descriptors().stream().mapToInt(one -> (int) one.bytes()).toArray();
      Memory near = active.far(sizes);
      if (reads) {
        far.fill(seed);
        var exposed = passive.connector.createReadable(far.descriptors(), MINUTE);
        complete(
            active.connector.beginRead(exposed.metadata(), near.descriptors(), MINUTE), exposed);
        near.check(seed, "read");
      } else {
        near.fill(seed);
        var exposed = passive.connector.createWritable(far.descriptors(), MINUTE);
        complete(
            active.connector.beginWrite(near.descriptors(), exposed.metadata(), MINUTE), exposed);
        far.check(seed, "written");
      }
    } catch (Exception e) {
      throw new AssertionError("seed " + seed, e);
    }
  }

  @Test
  void whatIsRegisteredFindsAllReady() throws Exception {
    Memory source = there.far(SIZES).fill(seed);
    var held = there.connector.register(source.descriptors().getLast());
    assertEquals(2, there.device.pins(), "both halves");
    assertEquals(1, there.device.regions.get());
    var released = held.released().toCompletableFuture();
    assertFalse(released.isDone());
    ReadableOperation readable = readable(source, MINUTE);
    assertEquals(1, there.device.regions.get());
    held.close();
    released.get(60, TimeUnit.SECONDS);
    Memory target = here.near(SIZES);
    complete(read(readable, target, MINUTE), readable);
    target.check(seed, "read");
  }

  /** Who waits for room when all is closed is called off. */
  @Test
  void closingWaitsForNobodyWhoWaits() throws Exception {
    StagedSide small = side("small", 8192);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ReadableOperation first =
          small.connector.createReadable(small.far(4096).descriptors(), MINUTE);
      Memory more = small.far(4096);
      var second = CompletableFuture
          .supplyAsync(() -> small.connector.createReadable(more.descriptors(), MINUTE), threads);
      while (small.connector.use().operations() < 2) {
        Thread.onSpinWait();
      }
      open.remove(small);
      small.close();
      cancelled(first);
      try {
        cancelled(second.get(30, TimeUnit.SECONDS)); // the first one's room was enough, just so
      } catch (ExecutionException e) {
        assertTrue(e.getCause() instanceof IllegalStateException, e::toString);
      }
    }
  }
}
