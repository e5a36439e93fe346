package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ibm.disni.verbs.RdmaCmId;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A queue pair that has ended is nothing that a device may be asked about. */
@Timeout(60)
class QueueTest {
  private static final GpuWay NO_GPU = new GpuWay.None("no driver", false);

  private static final Queue.Owner NOBODY = new Queue.Owner() {
    @Override
    public void heard(Message message) {}

    @Override
    public void broken(PagodaException why) {}

    @Override
    public void flushed(PagodaException why) {}

    @Override
    public boolean serves() {
      return false;
    }

    @Override
    public String subject() {
      return "nobody";
    }
  };

  @Test
  void oneThatHasEndedIsNotAskedAndNotConnected() throws IOException {
    try (FakeDevice fake = new FakeDevice()) {
      Device device = fake.open(NO_GPU);
      Queue queue = fake.queue(device, NOBODY);
      queue.connect();
      assertEquals(3, queue.path().orElseThrow().gid());
      assertEquals(4_096, queue.path().orElseThrow().mtu());
      queue.destroy();
      assertEquals(Optional.empty(), queue.path());
      assertThrows(IOException.class, queue::connect);
      assertEquals(2, fake.asked("IBV_QUERY_QP"), "times that the device was asked");
      assertEquals(1, fake.asked("connect 7 7"));
      device.close();
    }
  }

  @Test
  void bothSidesOfAConnectionHaveWhatIsSet() throws IOException {
    RdmaSettings settings = new Rig().wire(new RdmaSettings.Wire(19, 3, 5, false)).settings();
    for (String how : List.of("connect", "accept")) {
      try (FakeDevice fake = new FakeDevice()) {
        Device device = fake.open(NO_GPU, settings);
        RdmaCmId id = device.id();
        fake.calls.clear();
        if (how.equals("connect")) {
          device.connect(id);
        } else {
          device.accept(id);
        }
        assertEquals(List.of("option 0 3 19", how + " 3 5"), fake.calls);
        device.close();
      }
    }
  }

  @Test
  void whatIsNotSetIsLeftToTheConnectionManager() throws IOException {
    try (FakeDevice fake = new FakeDevice()) {
      Device device = fake.open(NO_GPU);
      RdmaCmId id = device.id();
      fake.calls.clear();
      device.accept(id);
      assertEquals(List.of("accept 7 7"), fake.calls);
      device.close();
    }
  }

  @Test
  void oneIsNotFreedWhileTheDeviceIsAskedAboutIt() throws Exception {
    try (FakeDevice fake = new FakeDevice()) {
      Device device = fake.open(NO_GPU);
      Queue queue = fake.queue(device, NOBODY);
      Thread ends = Thread.ofPlatform().unstarted(queue::destroy);
      AtomicBoolean freed = new AtomicBoolean();
      fake.whileAsked = () -> {
        ends.start();
        while (ends.getState() != Thread.State.BLOCKED && ends.isAlive()) {
          Thread.onSpinWait();
        }
        freed.set(fake.asked("destroyQP") > 0);
      };
      assertEquals(3, queue.path().orElseThrow().gid());
      ends.join();
      assertFalse(freed.get(), "it was freed under the question");
      assertEquals(1, fake.asked("destroyQP"));
      device.close();
    }
  }

  @Test
  void whatCannotBeOpenedLeavesNothingOpen() {
    try (FakeDevice fake = new FakeDevice()) {
      fake.missing = "IBV_CREATE_CQ";
      IOException refused = assertThrows(IOException.class, () -> fake.open(NO_GPU).close());
      assertEquals("ibv_create_cq: out of memory, or of what may be locked", refused.getMessage());
      int begun = fake.calls.indexOf("IBV_CREATE_CQ");
      assertEquals(
          List.of(
              "IBV_DEREG_MR", "IBV_DESTROY_COMP_CHANNEL", "IBV_DEALLOC_PD", "destroyCmId",
              "destroyEventChannel"),
          fake.calls.subList(begun + 1, fake.calls.size()));
    }
  }
}
