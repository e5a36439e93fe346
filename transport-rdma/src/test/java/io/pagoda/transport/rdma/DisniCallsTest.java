package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.SVCPollCq;
import com.ibm.disni.verbs.SVCPostSend;
import java.io.IOException;
import java.util.LinkedList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** DiSNI's calls by this provider, on a device that is none. */
class DisniCallsTest {
  @SuppressWarnings({"JdkObsolete", "NonApiType"}) // DiSNI takes such lists
  private static LinkedList<IbvSge> stretch(long address, int bytes) {
    IbvSge sge = new IbvSge();
    sge.setAddr(address);
    sge.setLength(bytes);
    sge.setLkey(9);
    LinkedList<IbvSge> list = new LinkedList<>();
    list.add(sge);
    return list;
  }

  private static IbvSendWR write(int number) {
    IbvSendWR request = new IbvSendWR();
    request.setWr_id(number);
    request.setOpcode(IbvSendWR.IBV_WR_RDMA_WRITE);
    request.setSend_flags(number % 2 == 0 ? 0 : IbvSendWR.IBV_SEND_SIGNALED);
    request.setSg_list(stretch(1_000 + number, 10 + number));
    request.setNum_sge(1);
    request.getRdma().setRemote_addr(1L << 40 | number);
    request.getRdma().setRkey(77);
    return request;
  }

  private static List<IbvSendWR> writes(int count) {
    return IntStream.range(0, count).mapToObj(DisniCallsTest::write).toList();
  }

  @Test
  void aCallIsMadeAgainWithWhatWasChanged() throws IOException {
    try (FakeVerbsNative device = new FakeVerbsNative(100)) {
      SVCPostSend call = device.pair().postSend(writes(5), List.of());
      call.execute();
      SVCPostSend.SendWRMod third = call.getWrMod(3);
      assertEquals(IbvSendWR.IBV_WR_RDMA_WRITE, third.getOpcode());
      third.setWr_id(99);
      third.setSend_flags(0);
      third.getSgeMod(0).setAddr(5);
      third.getSgeMod(0).setLength(6);
      third.getSgeMod(0).setLkey(7);
      third.getRdmaMod().setRemote_addr(8);
      third.getRdmaMod().setRkey(10);
      call.execute();
      assertEquals(2, device.doorbells);
      assertEquals(
          new FakeVerbsNative.Request(3, 0, 2, 1_003, 13, 9, (1L << 40) + 3, 77),
          device.posted.get(3));
      assertEquals(new FakeVerbsNative.Request(99, 0, 0, 5, 6, 7, 8, 10), device.posted.get(8));
      call.free();
    }
  }

  @Test
  void aListThatIsTakenInPartSaysHowMuchOfIt() throws IOException {
    try (FakeVerbsNative device = new FakeVerbsNative(3)) {
      SVCPostSend call = device.pair().postSend(writes(5), List.of());
      IOException e = assertThrows(IOException.class, call::execute);
      assertTrue(String.valueOf(e.getMessage()).contains("3 of 5"), e::toString);
      call.free();
    }
  }

  @Test
  void completionsAreTakenManyAtOnce() throws IOException {
    try (FakeVerbsNative device = new FakeVerbsNative(100)) {
      SVCPostSend call = device.pair().postSend(writes(10), List.of()).execute();
      device.does(10);
      IbvWC[] found = {new IbvWC(), new IbvWC(), new IbvWC()};
      SVCPollCq poll = device.queue().poll(found, 3);
      assertEquals(3, poll.execute().getPolls());
      assertEquals(5, found[2].getWr_id());
      assertEquals(17, found[2].getQp_num());
      assertEquals(2, poll.execute().getPolls());
      assertEquals(0, poll.execute().getPolls());
      device.queue().reqNotification(false).execute();
      assertEquals(1, device.notifications);
      poll.free();
      call.free();
    }
  }

  @Test
  void placesToReceiveIntoArePosted() throws IOException {
    try (FakeVerbsNative device = new FakeVerbsNative(100)) {
      List<IbvRecvWR> places = IntStream.range(0, 3).mapToObj(number -> {
        IbvRecvWR place = new IbvRecvWR();
        place.setWr_id(40 + number);
        place.setSg_list(stretch(1, 2));
        place.setNum_sge(1);
        return place;
      }).toList();
      var call = device.pair().postRecv(places, List.of()).execute();
      call.execute();
      assertEquals(List.of(40L, 41L, 42L, 40L, 41L, 42L), device.receives);
      assertEquals(41, call.getWrMod(1).getWr_id());
      call.free();
    }
  }

  @Test
  void theProviderIsPutWhereDisniLooksForIt() throws IOException {
    FfmProvider ours = FfmProvider.install();
    assertEquals(ours.verbs(), com.ibm.disni.verbs.RdmaVerbs.open());
    assertEquals(ours.cm(), com.ibm.disni.verbs.RdmaCm.open());
  }
}
