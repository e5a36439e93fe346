package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.config.ConfigEntry;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Reference;
import io.pagoda.core.plugin.Plugins;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/flexkv-configuration.md names keys that exist, and says where the others come from. */
class FlexkvConfigurationTest {
  private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");
  private static final Pattern COMES_WITH = Pattern.compile("comes with (?:`([^`]+)`|the \\w+)");
  private static final Pattern COMMENTED = Pattern.compile("(?m)^ *# +([a-z-]+)(?: = |   *)\\S");

  /** FlexKV's keys and variables; the latter without FLEXKV_ where all of a kind carry it. */
  private static final String FLEXKV = """
      num_layers num_kv_heads head_size use_mla dtype tp_size dp_size layer_indices compress_ratio
      tokens_per_block enable_cpu enable_ssd enable_remote num_cpu_blocks num_ssd_blocks
      num_remote_blocks num_tmp_cpu_blocks cpu_cache_gb FLEXKV_CPU_CACHE_GB ssd_cache_gb
      FLEXKV_SSD_CACHE_GB ssd_cache_dir remote_cache_path remote_config_custom
      cpu_kv_layout_type ssd_kv_layout_type remote_kv_layout_type gpu_kv_layout_type
      CPU_LAYOUT SSD_LAYOUT REMOTE_LAYOUT GDS_LAYOUT evict_ratio EVICT_RATIO
      EVICT_START_THRESHOLD EVICTION_POLICY SLRU_PROTECTED_THRESHOLD HIT_REWARD_SECONDS
      use_ce_transfer_h2d use_ce_transfer_d2h USE_CE_TRANSFER_H2D USE_CE_TRANSFER_D2H
      transfer_sms_h2d transfer_sms_d2h TRANSFER_NUM_CTA_H2D TRANSFER_NUM_CTA_D2H
      CE_SEGMENT_THRESHOLD CE_PATH_OPT ENABLE_CE_MEMCPY2D CE_GATHER_THREADS CE_GATHER_NT
      ssd_cache_iouring_entries IOURING_ENTRIES IOURING_FLAGS SSD_IO_OPT MAX_FILE_SIZE_GB
      server_recv_port FLEXKV_SERVER_RECV_PORT SERVER_CLIENT_MODE SERVER_LAUNCH_MODE
      ENABLE_FLEXKV FLEXKV_CONFIG_PATH enable_gds enable_nixl enable_hugepage hugepage_size
      HUGETLBFS_DIR CUDAHOST_CHUNK_SIZE_GB INDEX_ACCEL ENABLE_LAYERWISE_TRANSFER
      LAYERWISE_NOTIFY_MODE FLEXKV_LAYERWISE_EVENTFD_SOCKET ENABLE_MPS ENABLE_COLLECTIVE_SYNC
      NVCOMP_BATCH_SIZE KV_SHARED_ACROSS_RANKS_MODE enable_trace ENABLE_TRACE TRANSFER_TRACE
      trace_file_path TRACE_FILE_PATH TRACE_MAX_FILE_SIZE_MB TRACE_MAX_FILES
      TRACE_FLUSH_INTERVAL_MS LT_POOL_INITIAL_CAPACITY REFRESH_BATCH_SIZE REBUILD_INTERVAL_MS
      IDLE_SLEEP_MS LEASE_TTL_MS RENEW_LEASE_MS SAFETY_TTL_MS RESET_BARRIER_TIMEOUT_MS
      RESET_BARRIER_POLL_MS WORKER_SHUTDOWN_TIMEOUT_S TRANSFER_MANAGER_SHUTDOWN_TIMEOUT_S
      ENABLE_METRICS PY_METRICS_PORT CPP_METRICS_PORT INSTANCE_NUM INSTANCE_ID FLEXKV_LOG_LEVEL
      NUM_LOG_INTERVAL_REQUESTS LOGGING_PREFIX num_swa_layers ENABLE_SWA_TRANSFER SWA_MULTI_GROUP
      node_ttl_seconds MASTER_HOST MASTER_PORTS SYNC_GET MAYBE_SKIP_PUT DYNAMO_USE_FLEXKV
      MOONCAKE_CONFIG_PATH FLEXKV_USE_MOONCAKE_STORE_BACKEND enable_p2p_cpu enable_p2p_ssd
      FLEXKV_ENABLE_GDS FLEXKV_ENABLE_P2P FLEXKV_ENABLE_CFS FLEXKV_ENABLE_NVCOMP
      """;

  /** One row of a table: what FlexKV has, what it is here, and what is said of it. */
  private record Row(List<String> theirs, List<String> ours, String remark) {
    boolean isToCome() {
      return COMES_WITH.matcher(remark).find();
    }

    /** The module that the keys come with, if it is told. */
    Optional<String> module() {
      return COMES_WITH.matcher(remark)
          .results()
          .map(found -> Optional.ofNullable(found.group(1)))
          .flatMap(Optional::stream)
          .findFirst();
    }
  }

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : SourceTree.text("docs/flexkv-configuration.md").lines().toList()) {
      String[] cells = line.split("\\|", -1);
      if (cells.length == 5 && !line.startsWith("| FlexKV") && !line.startsWith("|---")) {
        rows.add(new Row(quoted(cells[1]), quoted(cells[2]), cells[3]));
        assertTrue(
            !quoted(cells[2]).isEmpty() || (cells[2].strip().equals("–") && !cells[3].isBlank()),
            () -> "neither a key nor a reason: " + line);
      }
    }
    return rows;
  }

  private static List<String> quoted(String cell) {
    return QUOTED.matcher(cell).results().map(found -> found.group(1)).toList();
  }

  /** Every key with a default, and those that a module's comments explain. */
  private static Set<String> known() throws IOException {
    Set<String> known = new TreeSet<>();
    PagodaConfig config = PagodaConfig.load(Optional.empty(), Overrides.NONE);
    try (Plugins plugins = Plugins.in(config.plugins())) {
      config.withDefaults(plugins.defaults())
          .withDefaults(List.of(reference("transport-tcp"), reference("transport-rdma")))
          .entries()
          .stream()
          .map(ConfigEntry::key)
          .forEach(known::add);
    }
    Stream.concat(commented("core"), commented("tier-cpu"))
        .forEach(key -> known.add("pagoda.tiers[]." + key));
    for (String type : List.of("cpu", "ssd")) {
      commented("tier-" + type).forEach(key -> known.add("pagoda.tier." + type + '.' + key));
    }
    commented("tier-remote-s3").forEach(key -> known.add("pagoda.tier.s3." + key));
    return known;
  }

  private static Reference reference(String module) throws IOException {
    return new Reference(module, text(module));
  }

  private static String text(String module) throws IOException {
    return SourceTree.text(module + "/src/main/resources/reference.conf");
  }

  private static Stream<String> commented(String module) throws IOException {
    return COMMENTED.matcher(text(module)).results().map(found -> found.group(1));
  }

  @Test
  void everyKeyOfFlexkvHasARow() throws IOException {
    Set<String> told = new TreeSet<>();
    rows().forEach(row -> told.addAll(row.theirs()));
    assertEquals(
        List.of(),
        FLEXKV.lines()
            .flatMap(line -> Stream.of(line.split(" ", -1)))
            .filter(Predicate.not(told::contains))
            .toList());
  }

  @Test
  void everyKeyOfOursExistsOrIsToCome() throws IOException {
    Set<String> known = known();
    assertFalse(known.contains("pagoda.tier.ssd.depth"));
    int checked = 0;
    for (Row row : rows()) {
      for (String key : row.ours()) {
        assertTrue(
            row.isToCome() != known.contains(key) || key.equals("pagoda.tiers"),
            () -> "%s: %s".formatted(key, row.isToCome() ? "it is there" : "there is no such key"));
        checked++;
      }
    }
    assertTrue(checked > 30, "only " + checked);
  }

  /** Once a module is there, its keys are no longer to come. */
  @Test
  void noModuleIsToComeThatIsThere() throws IOException {
    for (Row row : rows()) {
      row.module()
          .ifPresent(
              module -> assertFalse(
                  Files.exists(SourceTree.path(module).resolve("pom.xml")),
                  () -> "%s is there: say so in the row of %s".formatted(module, row.theirs())));
    }
  }
}
