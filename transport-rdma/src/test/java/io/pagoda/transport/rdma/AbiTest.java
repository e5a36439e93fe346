package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Structures are where a C compiler says that they are, where there is one with the headers. */
class AbiTest {
  private static final Map<String, Integer> KNOWN = new LinkedHashMap<>();

  static {
    KNOWN.put("sizeof(struct ibv_send_wr)", Abi.WR_BYTES);
    KNOWN.put("offsetof(struct ibv_send_wr, wr_id)", Abi.WR_ID);
    KNOWN.put("offsetof(struct ibv_send_wr, next)", Abi.WR_NEXT);
    KNOWN.put("offsetof(struct ibv_send_wr, sg_list)", Abi.WR_SG_LIST);
    KNOWN.put("offsetof(struct ibv_send_wr, num_sge)", Abi.WR_NUM_SGE);
    KNOWN.put("offsetof(struct ibv_send_wr, opcode)", Abi.WR_OPCODE);
    KNOWN.put("offsetof(struct ibv_send_wr, send_flags)", Abi.WR_FLAGS);
    KNOWN.put("offsetof(struct ibv_send_wr, imm_data)", Abi.WR_IMM);
    KNOWN.put("offsetof(struct ibv_send_wr, wr.rdma.remote_addr)", Abi.WR_REMOTE);
    KNOWN.put("offsetof(struct ibv_send_wr, wr.rdma.rkey)", Abi.WR_RKEY);
    KNOWN.put("sizeof(struct ibv_recv_wr)", Abi.RECV_BYTES);
    KNOWN.put("offsetof(struct ibv_recv_wr, next)", Abi.WR_NEXT);
    KNOWN.put("offsetof(struct ibv_recv_wr, sg_list)", Abi.WR_SG_LIST);
    KNOWN.put("offsetof(struct ibv_recv_wr, num_sge)", Abi.WR_NUM_SGE);
    KNOWN.put("sizeof(struct ibv_sge)", Abi.SGE_BYTES);
    KNOWN.put("offsetof(struct ibv_sge, length)", Abi.SGE_LENGTH);
    KNOWN.put("offsetof(struct ibv_sge, lkey)", Abi.SGE_LKEY);
    KNOWN.put("sizeof(struct ibv_wc)", Abi.WC_BYTES);
    KNOWN.put("offsetof(struct ibv_wc, status)", Abi.WC_STATUS);
    KNOWN.put("offsetof(struct ibv_wc, opcode)", Abi.WC_OPCODE);
    KNOWN.put("offsetof(struct ibv_wc, vendor_err)", Abi.WC_VENDOR);
    KNOWN.put("offsetof(struct ibv_wc, byte_len)", Abi.WC_LENGTH);
    KNOWN.put("offsetof(struct ibv_wc, imm_data)", Abi.WC_IMM);
    KNOWN.put("offsetof(struct ibv_wc, qp_num)", Abi.WC_QP);
    KNOWN.put("offsetof(struct ibv_mr, context)", Abi.MR_CONTEXT);
    KNOWN.put("offsetof(struct ibv_mr, addr)", Abi.MR_ADDRESS);
    KNOWN.put("offsetof(struct ibv_mr, length)", Abi.MR_LENGTH);
    KNOWN.put("offsetof(struct ibv_mr, lkey)", Abi.MR_LKEY);
    KNOWN.put("offsetof(struct ibv_mr, rkey)", Abi.MR_RKEY);
    KNOWN.put("offsetof(struct ibv_qp, context)", Abi.CONTEXT);
    KNOWN.put("offsetof(struct ibv_qp, qp_num)", Abi.QP_NUMBER);
    KNOWN.put("offsetof(struct ibv_cq, context)", Abi.CONTEXT);
    KNOWN.put("offsetof(struct ibv_cq, channel)", Abi.CQ_CHANNEL);
    KNOWN.put("sizeof(struct ibv_context)", Abi.CONTEXT_BYTES);
    KNOWN.put("offsetof(struct ibv_context, ops.poll_cq)", Abi.OP_POLL);
    KNOWN.put("offsetof(struct ibv_context, ops.req_notify_cq)", Abi.OP_NOTIFY);
    KNOWN.put("offsetof(struct ibv_context, ops.post_send)", Abi.OP_SEND);
    KNOWN.put("offsetof(struct ibv_context, ops.post_recv)", Abi.OP_RECEIVE);
    KNOWN.put("offsetof(struct ibv_context, cmd_fd)", Abi.CONTEXT_COMMAND);
    KNOWN.put("offsetof(struct ibv_context, num_comp_vectors)", Abi.CONTEXT_VECTORS);
    KNOWN.put("offsetof(struct ibv_comp_channel, fd)", Abi.CHANNEL_FD);
    KNOWN.put("offsetof(struct rdma_cm_id, verbs)", Abi.ID_VERBS);
    KNOWN.put("offsetof(struct rdma_cm_id, qp)", Abi.ID_QP);
    KNOWN.put("offsetof(struct rdma_cm_id, route.addr.src_addr)", Abi.ID_SOURCE);
    KNOWN.put("offsetof(struct rdma_cm_id, route.addr.dst_addr)", Abi.ID_TARGET);
    KNOWN.put("offsetof(struct rdma_cm_id, port_num)", Abi.ID_PORT);
    KNOWN.put("offsetof(struct rdma_cm_event, id)", Abi.EVENT_ID);
    KNOWN.put("offsetof(struct rdma_cm_event, listen_id)", Abi.EVENT_LISTENER);
    KNOWN.put("offsetof(struct rdma_cm_event, event)", Abi.EVENT_TYPE);
    KNOWN.put("offsetof(struct rdma_cm_event, status)", Abi.EVENT_STATUS);
    KNOWN.put("sizeof(struct rdma_conn_param)", Abi.PARAM_BYTES);
    KNOWN.put("offsetof(struct rdma_conn_param, responder_resources)", Abi.PARAM_RESOURCES);
    KNOWN.put("offsetof(struct rdma_conn_param, initiator_depth)", Abi.PARAM_DEPTH);
    KNOWN.put("offsetof(struct rdma_conn_param, retry_count)", Abi.PARAM_RETRY);
    KNOWN.put("offsetof(struct rdma_conn_param, rnr_retry_count)", Abi.PARAM_RNR);
    KNOWN.put("sizeof(struct ibv_qp_init_attr)", Abi.INIT_BYTES);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, send_cq)", Abi.INIT_SEND_CQ);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, recv_cq)", Abi.INIT_RECV_CQ);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, cap.max_send_wr)", Abi.INIT_MAX_SEND);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, cap.max_recv_wr)", Abi.INIT_MAX_RECV);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, cap.max_send_sge)", Abi.INIT_SEND_SGE);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, cap.max_recv_sge)", Abi.INIT_RECV_SGE);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, cap.max_inline_data)", Abi.INIT_INLINE);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, qp_type)", Abi.INIT_TYPE);
    KNOWN.put("offsetof(struct ibv_qp_init_attr, sq_sig_all)", Abi.INIT_SIGNAL_ALL);
    KNOWN.put("IBV_WR_RDMA_WRITE", Abi.WRITE);
    KNOWN.put("IBV_WR_SEND", Abi.SEND);
    KNOWN.put("IBV_WR_RDMA_READ", Abi.READ);
    KNOWN.put("IBV_SEND_SIGNALED", Abi.SIGNALED);
    KNOWN.put("IBV_ACCESS_LOCAL_WRITE", Abi.LOCAL_WRITE);
    KNOWN.put("IBV_ACCESS_REMOTE_WRITE", Abi.REMOTE_WRITE);
    KNOWN.put("IBV_ACCESS_REMOTE_READ", Abi.REMOTE_READ);
    KNOWN.put("IBV_ACCESS_RELAXED_ORDERING", Abi.RELAXED_ORDERING);
    KNOWN.put("IBV_WC_WR_FLUSH_ERR", WorkStatus.FLUSHED);
    KNOWN.put("IBV_WC_FATAL_ERR", WorkStatus.FATAL);
    KNOWN.put("IBV_WC_GENERAL_ERR", WorkStatus.GENERAL);
    KNOWN.put("RDMA_CM_EVENT_ADDR_RESOLVED", ConnectionEvents.ADDRESS);
    KNOWN.put("RDMA_CM_EVENT_ROUTE_RESOLVED", ConnectionEvents.ROUTE);
    KNOWN.put("RDMA_CM_EVENT_CONNECT_REQUEST", ConnectionEvents.REQUEST);
    KNOWN.put("RDMA_CM_EVENT_ESTABLISHED", ConnectionEvents.ESTABLISHED);
    KNOWN.put("RDMA_OPTION_ID", Abi.OPTION_ID);
    KNOWN.put("RDMA_OPTION_ID_ACK_TIMEOUT", Abi.OPTION_ID_ACK_TIMEOUT);
    KNOWN.put("RDMA_OPTION_IB", Abi.OPTION_IB);
    KNOWN.put("RDMA_OPTION_IB_PATH", Abi.OPTION_IB_PATH);
    KNOWN.put("sizeof(struct ibv_path_data)", PathRecord.BYTES);
    KNOWN.put("sizeof(struct ibv_qp_attr)", Abi.QP_BYTES);
    KNOWN.put("offsetof(struct ibv_qp_attr, path_mtu)", Abi.QP_MTU);
    KNOWN.put("offsetof(struct ibv_qp_attr, ah_attr.grh.sgid_index)", Abi.QP_GID);
    KNOWN.put("offsetof(struct ibv_qp_attr, timeout)", Abi.QP_TIMEOUT);
    KNOWN.put("offsetof(struct ibv_qp_attr, retry_cnt)", Abi.QP_RETRIES);
    KNOWN.put("offsetof(struct ibv_qp_attr, rnr_retry)", Abi.QP_RECEIVER_RETRIES);
    KNOWN.put(
        "IBV_QP_AV|IBV_QP_PATH_MTU|IBV_QP_TIMEOUT|IBV_QP_RETRY_CNT|IBV_QP_RNR_RETRY",
        Abi.QUERY_PATH);
    KNOWN.put("offsetof(struct rdma_cm_id, route.addr.addr.ibaddr.sgid)", Abi.ID_SGID);
    KNOWN.put("offsetof(struct rdma_cm_id, route.addr.addr.ibaddr.dgid)", Abi.ID_DGID);
    KNOWN.put("sizeof(struct ibv_port_attr)", Abi.PORT_BYTES);
    KNOWN.put("offsetof(struct ibv_port_attr, active_mtu)", Abi.PORT_MTU);
    KNOWN.put("offsetof(struct ibv_port_attr, link_layer)", Abi.PORT_LINK_LAYER);
    KNOWN.put("IBV_LINK_LAYER_ETHERNET", Abi.ETHERNET);
  }

  private static String run(Path directory, String... command)
      throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Process process = new ProcessBuilder(command).directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "a compiler that does not end");
    String said = Files.readString(out);
    assertEquals(0, process.exitValue(), said);
    return said;
  }

  @Test
  void offsetsAreThoseOfTheHeaders(@TempDir Path directory) throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/include/rdma/rdma_cma.h")), "no librdmacm-dev");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "no C compiler");
    StringBuilder program = new StringBuilder(
        "#include <stdio.h>\n#include <stddef.h>\n#include <rdma/rdma_cma.h>\nint main(void) {\n");
    KNOWN.keySet()
        .forEach(
            name -> program.append("printf(\"%ld\\n\", (long) (").append(name).append("));\n"));
    Files.writeString(directory.resolve("abi.c"), program.append("}\n"), StandardCharsets.US_ASCII);
    var _ = run(directory, "cc", "-o", "abi", "abi.c");
    String[] found = run(directory, directory.resolve("abi").toString()).split("\n", -1);
    int at = 0;
    for (Map.Entry<String, Integer> one : KNOWN.entrySet()) {
      assertEquals(String.valueOf(one.getValue()), found[at++], one.getKey());
    }
  }
}
