package io.pagoda.transport.rdma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.ibm.disni.verbs.IbvQP;
import com.ibm.disni.verbs.RdmaCm;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Structures are where a C compiler says that they are, where there is one with the headers. */
@SuppressWarnings("EnumOrdinal") // statuses are numbered by their order
class AbiTest {
  /** Set where a test that is skipped is one too few. */
  private static final boolean REQUIRED = System.getenv("PAGODA_CI_HEADERS") != null;

  /** By what a compiler is asked, constants of {@link Abi}. */
  private static final Map<String, String> NAMED = new LinkedHashMap<>();

  private static final Map<String, Integer> KNOWN = new LinkedHashMap<>();

  static {
    NAMED.put("sizeof(struct ibv_send_wr)", "WR_BYTES");
    NAMED.put("offsetof(struct ibv_send_wr, wr_id)", "WR_ID");
    NAMED.put("offsetof(struct ibv_send_wr, next)", "WR_NEXT");
    NAMED.put("offsetof(struct ibv_send_wr, sg_list)", "WR_SG_LIST");
    NAMED.put("offsetof(struct ibv_send_wr, num_sge)", "WR_NUM_SGE");
    NAMED.put("offsetof(struct ibv_send_wr, opcode)", "WR_OPCODE");
    NAMED.put("offsetof(struct ibv_send_wr, send_flags)", "WR_FLAGS");
    NAMED.put("offsetof(struct ibv_send_wr, imm_data)", "WR_IMM");
    NAMED.put("offsetof(struct ibv_send_wr, wr.rdma.remote_addr)", "WR_REMOTE");
    NAMED.put("offsetof(struct ibv_send_wr, wr.rdma.rkey)", "WR_RKEY");
    NAMED.put("sizeof(struct ibv_recv_wr)", "RECV_BYTES");
    NAMED.put("offsetof(struct ibv_recv_wr, next)", "WR_NEXT");
    NAMED.put("offsetof(struct ibv_recv_wr, sg_list)", "WR_SG_LIST");
    NAMED.put("offsetof(struct ibv_recv_wr, num_sge)", "WR_NUM_SGE");
    NAMED.put("sizeof(struct ibv_sge)", "SGE_BYTES");
    NAMED.put("offsetof(struct ibv_sge, length)", "SGE_LENGTH");
    NAMED.put("offsetof(struct ibv_sge, lkey)", "SGE_LKEY");
    NAMED.put("sizeof(struct ibv_wc)", "WC_BYTES");
    NAMED.put("offsetof(struct ibv_wc, status)", "WC_STATUS");
    NAMED.put("offsetof(struct ibv_wc, opcode)", "WC_OPCODE");
    NAMED.put("offsetof(struct ibv_wc, vendor_err)", "WC_VENDOR");
    NAMED.put("offsetof(struct ibv_wc, byte_len)", "WC_LENGTH");
    NAMED.put("offsetof(struct ibv_wc, imm_data)", "WC_IMM");
    NAMED.put("offsetof(struct ibv_wc, qp_num)", "WC_QP");
    NAMED.put("offsetof(struct ibv_mr, context)", "MR_CONTEXT");
    NAMED.put("offsetof(struct ibv_mr, addr)", "MR_ADDRESS");
    NAMED.put("offsetof(struct ibv_mr, length)", "MR_LENGTH");
    NAMED.put("offsetof(struct ibv_mr, lkey)", "MR_LKEY");
    NAMED.put("offsetof(struct ibv_mr, rkey)", "MR_RKEY");
    NAMED.put("offsetof(struct ibv_qp, context)", "CONTEXT");
    NAMED.put("offsetof(struct ibv_qp, qp_num)", "QP_NUMBER");
    NAMED.put("offsetof(struct ibv_cq, context)", "CONTEXT");
    NAMED.put("offsetof(struct ibv_cq, channel)", "CQ_CHANNEL");
    NAMED.put("sizeof(struct ibv_context)", "CONTEXT_BYTES");
    NAMED.put("offsetof(struct ibv_context, ops.poll_cq)", "OP_POLL");
    NAMED.put("offsetof(struct ibv_context, ops.req_notify_cq)", "OP_NOTIFY");
    NAMED.put("offsetof(struct ibv_context, ops.post_send)", "OP_SEND");
    NAMED.put("offsetof(struct ibv_context, ops.post_recv)", "OP_RECEIVE");
    NAMED.put("offsetof(struct ibv_context, cmd_fd)", "CONTEXT_COMMAND");
    NAMED.put("offsetof(struct ibv_context, num_comp_vectors)", "CONTEXT_VECTORS");
    NAMED.put("offsetof(struct ibv_comp_channel, fd)", "CHANNEL_FD");
    NAMED.put("offsetof(struct rdma_cm_id, verbs)", "ID_VERBS");
    NAMED.put("offsetof(struct rdma_cm_id, qp)", "ID_QP");
    NAMED.put("offsetof(struct rdma_cm_id, route.addr.src_addr)", "ID_SOURCE");
    NAMED.put("offsetof(struct rdma_cm_id, route.addr.dst_addr)", "ID_TARGET");
    NAMED.put("offsetof(struct rdma_cm_id, port_num)", "ID_PORT");
    NAMED.put("offsetof(struct rdma_cm_event, id)", "EVENT_ID");
    NAMED.put("offsetof(struct rdma_cm_event, listen_id)", "EVENT_LISTENER");
    NAMED.put("offsetof(struct rdma_cm_event, event)", "EVENT_TYPE");
    NAMED.put("offsetof(struct rdma_cm_event, status)", "EVENT_STATUS");
    NAMED.put("sizeof(struct rdma_conn_param)", "PARAM_BYTES");
    NAMED.put("offsetof(struct rdma_conn_param, responder_resources)", "PARAM_RESOURCES");
    NAMED.put("offsetof(struct rdma_conn_param, initiator_depth)", "PARAM_DEPTH");
    NAMED.put("offsetof(struct rdma_conn_param, retry_count)", "PARAM_RETRY");
    NAMED.put("offsetof(struct rdma_conn_param, rnr_retry_count)", "PARAM_RNR");
    NAMED.put("sizeof(struct ibv_qp_init_attr)", "INIT_BYTES");
    NAMED.put("offsetof(struct ibv_qp_init_attr, send_cq)", "INIT_SEND_CQ");
    NAMED.put("offsetof(struct ibv_qp_init_attr, recv_cq)", "INIT_RECV_CQ");
    NAMED.put("offsetof(struct ibv_qp_init_attr, cap.max_send_wr)", "INIT_MAX_SEND");
    NAMED.put("offsetof(struct ibv_qp_init_attr, cap.max_recv_wr)", "INIT_MAX_RECV");
    NAMED.put("offsetof(struct ibv_qp_init_attr, cap.max_send_sge)", "INIT_SEND_SGE");
    NAMED.put("offsetof(struct ibv_qp_init_attr, cap.max_recv_sge)", "INIT_RECV_SGE");
    NAMED.put("offsetof(struct ibv_qp_init_attr, cap.max_inline_data)", "INIT_INLINE");
    NAMED.put("offsetof(struct ibv_qp_init_attr, qp_type)", "INIT_TYPE");
    NAMED.put("offsetof(struct ibv_qp_init_attr, sq_sig_all)", "INIT_SIGNAL_ALL");
    NAMED.put("IBV_WR_RDMA_WRITE", "WRITE");
    NAMED.put("IBV_WR_SEND", "SEND");
    NAMED.put("IBV_WR_RDMA_READ", "READ");
    NAMED.put("IBV_SEND_SIGNALED", "SIGNALED");
    NAMED.put("IBV_ACCESS_LOCAL_WRITE", "LOCAL_WRITE");
    NAMED.put("IBV_ACCESS_REMOTE_WRITE", "REMOTE_WRITE");
    NAMED.put("IBV_ACCESS_REMOTE_READ", "REMOTE_READ");
    NAMED.put("IBV_ACCESS_RELAXED_ORDERING", "RELAXED_ORDERING");
    NAMED.put("RDMA_OPTION_ID", "OPTION_ID");
    NAMED.put("RDMA_OPTION_ID_ACK_TIMEOUT", "OPTION_ID_ACK_TIMEOUT");
    NAMED.put("RDMA_OPTION_IB", "OPTION_IB");
    NAMED.put("RDMA_OPTION_IB_PATH", "OPTION_IB_PATH");
    NAMED.put("sizeof(struct ibv_path_data)", "PATH_BYTES");
    NAMED.put("offsetof(struct ibv_path_data, flags)", "PATH_FLAGS");
    NAMED.put("offsetof(struct ibv_path_data, path.dgid)", "PATH_TARGET");
    NAMED.put("offsetof(struct ibv_path_data, path.sgid)", "PATH_SOURCE");
    NAMED.put("offsetof(struct ibv_path_data, path.flowlabel_hoplimit)", "PATH_HOPS");
    NAMED.put("offsetof(struct ibv_path_data, path.reversible_numpath)", "PATH_REVERSIBLE");
    NAMED.put("offsetof(struct ibv_path_data, path.pkey)", "PATH_KEY");
    NAMED.put("offsetof(struct ibv_path_data, path.mtu)", "PATH_MTU");
    NAMED.put("offsetof(struct ibv_path_data, path.rate)", "PATH_RATE");
    NAMED.put("offsetof(struct ibv_path_data, path.packetlifetime)", "PATH_LIFETIME");
    NAMED.put("IBV_PATH_FLAG_GMP|IBV_PATH_FLAG_PRIMARY|IBV_PATH_FLAG_BIDIRECTIONAL", "PATH_ONLY");
    NAMED.put("sizeof(struct ibv_qp_attr)", "QP_BYTES");
    NAMED.put("offsetof(struct ibv_qp_attr, path_mtu)", "QP_MTU");
    NAMED.put("offsetof(struct ibv_qp_attr, ah_attr.grh.sgid_index)", "QP_GID");
    NAMED.put("offsetof(struct ibv_qp_attr, timeout)", "QP_TIMEOUT");
    NAMED.put("offsetof(struct ibv_qp_attr, retry_cnt)", "QP_RETRIES");
    NAMED.put("offsetof(struct ibv_qp_attr, rnr_retry)", "QP_RECEIVER_RETRIES");
    NAMED.put(
        "IBV_QP_AV|IBV_QP_PATH_MTU|IBV_QP_TIMEOUT|IBV_QP_RETRY_CNT|IBV_QP_RNR_RETRY", "QUERY_PATH");
    NAMED.put("offsetof(struct rdma_cm_id, route.addr.addr.ibaddr.sgid)", "ID_SGID");
    NAMED.put("offsetof(struct rdma_cm_id, route.addr.addr.ibaddr.dgid)", "ID_DGID");
    NAMED.put("sizeof(struct ibv_port_attr)", "PORT_BYTES");
    NAMED.put("offsetof(struct ibv_port_attr, active_mtu)", "PORT_MTU");
    NAMED.put("offsetof(struct ibv_port_attr, link_layer)", "PORT_LINK_LAYER");
    NAMED.put("IBV_LINK_LAYER_ETHERNET", "ETHERNET");
    KNOWN.put("IBV_WC_WR_FLUSH_ERR", WorkStatus.FLUSHED);
    KNOWN.put("IBV_WC_FATAL_ERR", WorkStatus.FATAL);
    KNOWN.put("IBV_WC_GENERAL_ERR", WorkStatus.GENERAL);
    for (WorkStatus status : WorkStatus.values()) {
      KNOWN.put("(int) IBV_WC_" + status.name(), status.ordinal());
    }
    KNOWN.put("RDMA_CM_EVENT_ADDR_RESOLVED", ConnectionEvents.ADDRESS);
    KNOWN.put("RDMA_CM_EVENT_ROUTE_RESOLVED", ConnectionEvents.ROUTE);
    KNOWN.put("RDMA_CM_EVENT_CONNECT_REQUEST", ConnectionEvents.REQUEST);
    KNOWN.put("RDMA_CM_EVENT_ESTABLISHED", ConnectionEvents.ESTABLISHED);
    KNOWN.put("RDMA_CM_EVENT_DEVICE_REMOVAL", ConnectionEvents.REMOVED);
    KNOWN.put("RDMA_PS_TCP", (int) RdmaCm.RDMA_PS_TCP);
    KNOWN.put("IBV_QPT_RC", (int) IbvQP.IBV_QPT_RC);
    KNOWN.put("IBV_MTU_256", Mtu.code(256));
    KNOWN.put("IBV_MTU_4096", Mtu.code(4_096));
    KNOWN.put("offsetof(struct rdma_event_channel, fd)", 0);
    KNOWN.put("offsetof(struct ibv_sge, addr)", 0);
    KNOWN.put("offsetof(struct ibv_wc, wr_id)", 0);
    KNOWN.put("offsetof(struct ibv_recv_wr, wr_id)", Abi.WR_ID);
    KNOWN.put("offsetof(struct sockaddr_in, sin_family)", 0);
    KNOWN.put("offsetof(struct sockaddr_in, sin_port)", 2);
    KNOWN.put("offsetof(struct sockaddr_in, sin_addr)", 4);
    KNOWN.put("offsetof(struct sockaddr_in6, sin6_port)", 2);
    KNOWN.put("offsetof(struct sockaddr_in6, sin6_addr)", 8);
    KNOWN.put("sizeof(struct sockaddr_in6)", 28);
    KNOWN.put("AF_INET", 2);
    KNOWN.put("AF_INET6", 10);
    KNOWN.put("sizeof(struct pollfd)", 8);
    KNOWN.put("offsetof(struct pollfd, fd)", 0);
    KNOWN.put("offsetof(struct pollfd, events)", 4);
    KNOWN.put("POLLIN", 1);
    KNOWN.put("EBADF", 9);
    KNOWN.put("ENOMEM", 12);
  }

  private static String run(Path directory, String... command)
      throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    Process process = new ProcessBuilder(command).directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start();
    assertTrue(process.waitFor(300, TimeUnit.SECONDS), "a compiler that does not end");
    String said = Files.readString(out);
    assertEquals(0, process.exitValue(), said);
    return said;
  }

  private static Map<String, Integer> all() throws ReflectiveOperationException {
    Map<String, Integer> all = new LinkedHashMap<>(KNOWN);
    for (Map.Entry<String, String> one : NAMED.entrySet()) {
      all.put(one.getKey(), Abi.class.getDeclaredField(one.getValue()).getInt(null));
    }
    return all;
  }

  private static void needs(boolean there, String what) {
    if (REQUIRED) {
      assertTrue(there, what);
    }
    assumeTrue(there, what);
  }

  @Test
  void noNumberIsLeftOut() {
    Set<String> names = new TreeSet<>();
    for (Field one : Abi.class.getDeclaredFields()) {
      names.add(one.getName());
    }
    assertEquals(names, new TreeSet<>(NAMED.values()));
  }

  @Test
  void numbersAreThoseOfTheHeaders(@TempDir Path directory) throws Exception {
    needs(Files.exists(Path.of("/usr/include/rdma/rdma_cma.h")), "no librdmacm-dev");
    needs(Files.exists(Path.of("/usr/include/infiniband/sa.h")), "no libibverbs-dev");
    needs(Files.isExecutable(Path.of("/usr/bin/cc")), "no C compiler");
    StringBuilder program = new StringBuilder("""
        #include <errno.h>
        #include <netinet/in.h>
        #include <poll.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <infiniband/sa.h>
        #include <rdma/rdma_cma.h>
        int main(void) {
        """);
    Map<String, Integer> all = all();
    all.keySet()
        .forEach(
            name -> program.append("printf(\"%ld\\n\", (long) (").append(name).append("));\n"));
    Files.writeString(directory.resolve("abi.c"), program.append("}\n"), StandardCharsets.US_ASCII);
    var _ = run(directory, "cc", "-o", "abi", "abi.c");
    String[] found = run(directory, directory.resolve("abi").toString()).split("\n", -1);
    int at = 0;
    for (Map.Entry<String, Integer> one : all.entrySet()) {
      assertEquals(String.valueOf(one.getValue()), found[at++], one.getKey());
    }
  }
}
