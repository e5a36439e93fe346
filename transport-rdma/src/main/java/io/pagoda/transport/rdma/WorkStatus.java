package io.pagoda.transport.rdma;

/** What devices say of work requests that failed, in the order of their numbers. */
enum WorkStatus {
  SUCCESS("success"),
  LOC_LEN_ERR("longer than the place that it came to"),
  LOC_QP_OP_ERR("the queue pair is not for it"),
  LOC_EEC_OP_ERR("the context is not for it"),
  LOC_PROT_ERR("memory here is not registered for it"),
  WR_FLUSH_ERR("flushed: the connection had failed before"),
  MW_BIND_ERR("a memory window cannot be bound"),
  BAD_RESP_ERR("an answer that cannot be"),
  LOC_ACCESS_ERR("memory here may not be written"),
  REM_INV_REQ_ERR("the peer finds it invalid"),
  REM_ACCESS_ERR("the peer has no such memory to read or write: a grant may have ended"),
  REM_OP_ERR("the peer could not do it"),
  RETRY_EXC_ERR("the peer does not answer, though asked again and again"),
  RNR_RETRY_EXC_ERR("the peer takes no messages"),
  LOC_RDD_VIOL_ERR("domains do not fit"),
  REM_INV_RD_REQ_ERR("an invalid read"),
  REM_ABORT_ERR("the peer aborted it"),
  INV_EECN_ERR("an invalid context"),
  INV_EEC_STATE_ERR("a context in another state"),
  FATAL_ERR("a fatal error of the device"),
  RESP_TIMEOUT_ERR("no answer in time"),
  GENERAL_ERR("an error of the device");

  static final int FLUSHED = 5;
  static final int FATAL = 19;
  static final int GENERAL = 21;

  private final String meaning;

  WorkStatus(String meaning) {
    this.meaning = meaning;
  }

  static String text(int status) {
    return status >= 0 && status < values().length
        ? values()[status].meaning + " (" + values()[status] + ")"
        : "status " + status;
  }
}
