package io.pagoda.transport.rdma;

/**
 * Where things are in the structures of libibverbs and librdmacm, for 64-bit Linux: programs that
 * are compiled rely on the same numbers, so they cannot change. AbiTest compares them with what a
 * C compiler says, and {@link AbiCheck} with what a device's structures hold.
 */
final class Abi {
  /** {@code struct ibv_send_wr}. */
  static final int WR_BYTES = 128;

  static final int WR_ID = 0;
  static final int WR_NEXT = 8;
  static final int WR_SG_LIST = 16;
  static final int WR_NUM_SGE = 24;
  static final int WR_OPCODE = 28;
  static final int WR_FLAGS = 32;
  static final int WR_IMM = 36;
  static final int WR_REMOTE = 40;
  static final int WR_RKEY = 48;

  /** {@code struct ibv_recv_wr}; up to the number of stretches as one that is sent. */
  static final int RECV_BYTES = 32;

  /** {@code struct ibv_sge}. */
  static final int SGE_BYTES = 16;

  static final int SGE_LENGTH = 8;
  static final int SGE_LKEY = 12;

  /** {@code struct ibv_wc}. */
  static final int WC_BYTES = 48;

  static final int WC_STATUS = 8;
  static final int WC_OPCODE = 12;
  static final int WC_VENDOR = 16;
  static final int WC_LENGTH = 20;
  static final int WC_IMM = 24;
  static final int WC_QP = 28;

  /** {@code struct ibv_mr}. */
  static final int MR_CONTEXT = 0;

  static final int MR_ADDRESS = 16;
  static final int MR_LENGTH = 24;
  static final int MR_LKEY = 36;
  static final int MR_RKEY = 40;

  /** The first member of {@code struct ibv_qp}, {@code ibv_cq} and others: their context. */
  static final int CONTEXT = 0;

  static final int QP_NUMBER = 52;
  static final int CQ_CHANNEL = 8;

  /** {@code struct ibv_context}. */
  static final int CONTEXT_BYTES = 328;

  static final int OP_POLL = 96;
  static final int OP_NOTIFY = 104;
  static final int OP_SEND = 208;
  static final int OP_RECEIVE = 216;
  static final int CONTEXT_COMMAND = 264;
  static final int CONTEXT_VECTORS = 272;

  /** A file descriptor of {@code struct ibv_comp_channel}, and of an event channel at 0. */
  static final int CHANNEL_FD = 8;

  /** {@code struct rdma_cm_id}. */
  static final int ID_VERBS = 0;

  static final int ID_QP = 24;
  static final int ID_SOURCE = 32;
  static final int ID_TARGET = 160;
  static final int ID_SGID = 288;
  static final int ID_DGID = 304;
  static final int ID_PORT = 348;

  /** {@code struct rdma_cm_event}. */
  static final int EVENT_ID = 0;

  static final int EVENT_LISTENER = 8;
  static final int EVENT_TYPE = 16;
  static final int EVENT_STATUS = 20;

  /** {@code struct rdma_conn_param}. */
  static final int PARAM_BYTES = 24;

  static final int PARAM_RESOURCES = 9;
  static final int PARAM_DEPTH = 10;
  static final int PARAM_RETRY = 12;
  static final int PARAM_RNR = 13;

  /** {@code struct ibv_qp_init_attr}. */
  static final int INIT_BYTES = 64;

  static final int INIT_SEND_CQ = 8;
  static final int INIT_RECV_CQ = 16;
  static final int INIT_MAX_SEND = 32;
  static final int INIT_MAX_RECV = 36;
  static final int INIT_SEND_SGE = 40;
  static final int INIT_RECV_SGE = 44;
  static final int INIT_INLINE = 48;
  static final int INIT_TYPE = 52;
  static final int INIT_SIGNAL_ALL = 56;

  /** {@code struct ibv_qp_attr}. */
  static final int QP_BYTES = 144;

  static final int QP_MTU = 8;
  static final int QP_GID = 76;
  static final int QP_TIMEOUT = 130;
  static final int QP_RETRIES = 131;
  static final int QP_RECEIVER_RETRIES = 132;
  /** What of it is asked for: address, MTU, time-out, both counts. */
  static final int QUERY_PATH = 128 | 256 | 512 | 1_024 | 2_048;

  /** {@code struct ibv_path_data}, and the {@code ibv_path_record} in it. */
  static final int PATH_BYTES = 72;

  static final int PATH_FLAGS = 0;
  static final int PATH_TARGET = 16;
  static final int PATH_SOURCE = 32;
  static final int PATH_HOPS = 52;
  static final int PATH_REVERSIBLE = 57;
  static final int PATH_KEY = 58;
  static final int PATH_MTU = 62;
  static final int PATH_RATE = 63;
  static final int PATH_LIFETIME = 64;
  /** The one way there is, for all messages, in both directions. */
  static final int PATH_ONLY = 43;

  /** {@code struct ibv_port_attr}. */
  static final int PORT_BYTES = 52;

  static final int PORT_MTU = 8;
  static final int PORT_LINK_LAYER = 46;

  static final int ETHERNET = 2;

  /** Options of an identifier: the level, and which. */
  static final int OPTION_ID = 0;

  static final int OPTION_ID_ACK_TIMEOUT = 3;
  static final int OPTION_IB = 1;
  static final int OPTION_IB_PATH = 1;

  static final int WRITE = 0;
  static final int SEND = 2;
  static final int READ = 4;
  static final int SIGNALED = 2;
  static final int LOCAL_WRITE = 1;
  static final int REMOTE_WRITE = 2;
  static final int REMOTE_READ = 4;
  static final int RELAXED_ORDERING = 1 << 20;

  private Abi() {}
}
