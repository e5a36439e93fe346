package io.pagoda.core.deploy;

import io.pagoda.Namespace;
import io.pagoda.core.config.Section;
import io.pagoda.core.graph.Quota;
import io.pagoda.spi.SettingsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads what namespaces may keep. */
final class Quotas {
  /** As many owners as an index tells apart. */
  private static final int MOST = Short.MAX_VALUE;

  private Quotas() {}

  static List<Quota> read(Section root, long blockBytes) {
    List<Quota> quotas = new ArrayList<>();
    Set<Namespace> seen = new HashSet<>();
    for (Section quota : root.elements("quotas")) {
      Quota read = Blueprint.checked(quota, "namespace", () -> quota(quota, blockBytes));
      quota.refuseUnknown();
      if (!seen.add(read.namespace())) {
        throw new SettingsException("%s has a quota already".formatted(quota.origin("namespace")));
      }
      quotas.add(read);
    }
    if (quotas.size() > MOST) {
      throw new SettingsException(
          "%s: a store keeps at most %d quotas, not %d"
              .formatted(root.origin("quotas"), MOST, quotas.size()));
    }
    return quotas;
  }

  private static Quota quota(Section quota, long blockBytes) {
    Duration life = quota.has("time-to-live") ? quota.duration("time-to-live") : Duration.ZERO;
    return new Quota(new Namespace(quota.strings("namespace")), blocks(quota, blockBytes), life);
  }

  private static int blocks(Section quota, long blockBytes) {
    if (quota.has("blocks")) {
      return quota.integer("blocks");
    }
    if (!quota.has("capacity")) {
      return Integer.MAX_VALUE; // a time to live alone
    }
    return (int) Math.min(Integer.MAX_VALUE, quota.bytes("capacity").bytes() / blockBytes);
  }
}
