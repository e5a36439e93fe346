package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvCQ;
import com.ibm.disni.verbs.IbvCompChannel;
import com.ibm.disni.verbs.IbvContext;
import com.ibm.disni.verbs.IbvMr;
import com.ibm.disni.verbs.IbvPd;
import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.RdmaCmId;
import com.ibm.disni.verbs.RdmaEventChannel;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** DiSNI's objects as this provider has them: each with the address of what it stands for. */
final class Native {
  private Native() {}

  static int number(long address) {
    return VerbsNative.everything().get(ValueLayout.JAVA_INT, address);
  }

  /** An event channel, and the identifiers that were made of it or came through it. */
  static final class Channel extends RdmaEventChannel {
    final long address;
    final Map<Long, Id> ids = new ConcurrentHashMap<>();
    final Object queuePairs = new Object();

    Channel(long address) throws IOException {
      super(number(address));
      this.address = address;
    }

    Id id(long id) throws IOException {
      Id known = ids.get(id);
      if (known == null) {
        known = new Id(this, id);
        ids.put(id, known);
      }
      return known;
    }
  }

  /** An identifier of the connection manager. */
  static final class Id extends RdmaCmId {
    final long address;
    final Channel channel;

    Id(Channel channel, long address) throws IOException {
      super(channel, context(VerbsNative.word(address + Abi.ID_VERBS)));
      this.channel = channel;
      this.address = address;
    }

    @Override
    public IbvContext getVerbs() throws IOException {
      return context(VerbsNative.word(address + Abi.ID_VERBS));
    }

    void made(Qp qp) {
      setQp(qp);
    }
  }

  @SuppressWarnings("NullAway") // DiSNI has an identifier without a context while it is not bound
  private static IbvContext context(long address) throws IOException {
    return address == 0 ? null : new Context(address);
  }

  /** A device that was opened. */
  static final class Context extends IbvContext {
    final long address;

    Context(long address) throws IOException {
      super(number(address + Abi.CONTEXT_COMMAND), number(address + Abi.CONTEXT_VECTORS));
      this.address = address;
    }
  }

  /** A protection domain. */
  static final class Pd extends IbvPd {
    final long address;

    Pd(Context context, long address) throws IOException {
      super(context);
      this.address = address;
    }
  }

  /** A completion channel. */
  static final class Completions extends IbvCompChannel {
    final long address;

    Completions(Context context, long address) throws IOException {
      super(number(address + Abi.CHANNEL_FD), context);
      this.address = address;
    }
  }

  /** A completion queue. */
  static final class Cq extends IbvCQ {
    final long address;

    Cq(Context context, Completions channel, long address) throws IOException {
      super(context, channel, 0);
      this.address = address;
    }
  }

  /** A queue pair. */
  static final class Qp extends IbvQP {
    final long address;

    Qp(long address) throws IOException {
      super(0);
      this.address = address;
      qp_num = number(address + Abi.QP_NUMBER);
    }
  }

  /** A registration of memory. */
  static final class Mr extends IbvMr {
    final long address;
    final long bytes;

    Mr(IbvContext context, long address) throws IOException {
      super(context, VerbsNative.word(address + Abi.MR_ADDRESS),
          (int) Math.min(Integer.MAX_VALUE, VerbsNative.word(address + Abi.MR_LENGTH)), 0,
          number(address + Abi.MR_LKEY), number(address + Abi.MR_RKEY), 0);
      this.address = address;
      bytes = VerbsNative.word(address + Abi.MR_LENGTH);
    }
  }
}
