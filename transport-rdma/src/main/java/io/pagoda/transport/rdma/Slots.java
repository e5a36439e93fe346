package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.IbvRecvWR;
import com.ibm.disni.verbs.IbvSendWR;
import com.ibm.disni.verbs.IbvSge;
import com.ibm.disni.verbs.SVCPostRecv;
import com.ibm.disni.verbs.SVCPostSend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.LinkedList;
import java.util.List;
import java.util.Optional;

/** Memory of a queue pair's messages: places to receive into, and places to send from. */
final class Slots {
  static final int RECEIVING = 32;
  static final int SENDING = 16;
  static final long BYTES = (long) (RECEIVING + SENDING) * Message.SLOT_BYTES;
  /** Behind the slots, for what is read and not looked at. */
  private static final long LANDING = 64;

  /** In what a completion says: it is of a receive. */
  static final int RECEIVED = 0x4000_0000;

  private final Device device;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory = arena.allocate(BYTES + LANDING, 64);
  private final IbvMr registered;
  private final SVCPostRecv[] receives = new SVCPostRecv[RECEIVING];
  private final SVCPostSend[] sends = new SVCPostSend[SENDING];
  private final ArrayDeque<Slot> vacant = new ArrayDeque<>();

  /** A place to send from. */
  final class Slot {
    private final int index;
    private final ByteBuffer bytes;

    private Slot(int index) {
      this.index = index;
      bytes = slot(RECEIVING + index).asByteBuffer();
    }

    void send(Message message, int places, long id) throws IOException {
      int length = message.encode(bytes, places);
      SVCPostSend.SendWRMod request = sends[index].getWrMod(0);
      request.setWr_id(id);
      request.getSgeMod(0).setLength(length);
      sends[index].execute();
    }
  }

  Slots(Device device, IbvQP qp, int tag) throws IOException {
    this.device = device;
    registered = device.register(memory.address(), memory.byteSize(), Abi.LOCAL_WRITE);
    try {
      for (int i = 0; i < RECEIVING; i++) {
        IbvRecvWR request = new IbvRecvWR();
        request.setWr_id((long) tag << 32 | RECEIVED | i);
        request.setSg_list(stretch(i));
        request.setNum_sge(1);
        receives[i] = device.verbs().postRecv(qp, List.of(request), List.of());
        receives[i].execute();
      }
      for (int i = 0; i < SENDING; i++) {
        IbvSendWR request = new IbvSendWR();
        request.setOpcode(Abi.SEND);
        request.setSend_flags(Abi.SIGNALED);
        request.setSg_list(stretch(RECEIVING + i));
        request.setNum_sge(1);
        sends[i] = device.verbs().postSend(qp, List.of(request), List.of());
        vacant.add(new Slot(i));
      }
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private MemorySegment slot(int index) {
    return memory.asSlice((long) index * Message.SLOT_BYTES, Message.SLOT_BYTES);
  }

  @SuppressWarnings({"JdkObsolete", "NonApiType"}) // DiSNI takes such lists
  private LinkedList<IbvSge> stretch(int index) {
    IbvSge sge = new IbvSge();
    sge.setAddr(slot(index).address());
    sge.setLength(Message.SLOT_BYTES);
    sge.setLkey(registered.getLkey());
    LinkedList<IbvSge> list = new LinkedList<>();
    list.add(sge);
    return list;
  }

  Optional<Message> received(int index, int bytes) {
    return Message.decode(slot(index).asByteBuffer(), bytes);
  }

  /** {@return how many places more the peer has, as it says} */
  int places(int index) {
    return Message.places(slot(index).asByteBuffer());
  }

  void receiveAgain(int index) throws IOException {
    receives[index].execute();
  }

  /** {@return where a byte can be read to} */
  long landing() {
    return memory.address() + BYTES;
  }

  int lkey() {
    return registered.getLkey();
  }

  boolean vacant() {
    return !vacant.isEmpty();
  }

  Slot take() {
    return vacant.removeFirst();
  }

  void back(Slot slot) {
    vacant.addLast(slot);
  }

  /** Frees all; the queue pair is no more. */
  void close() {
    for (SVCPostRecv one : receives) {
      if (one != null) {
        one.free();
      }
    }
    for (SVCPostSend one : sends) {
      if (one != null) {
        one.free();
      }
    }
    device.deregister(registered);
    arena.close();
  }
}
