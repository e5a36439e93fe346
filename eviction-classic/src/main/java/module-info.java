import io.pagoda.eviction.classic.FifoPolicyProvider;
import io.pagoda.eviction.classic.FiloPolicyProvider;
import io.pagoda.eviction.classic.LfuPolicyProvider;
import io.pagoda.eviction.classic.MruPolicyProvider;
import io.pagoda.eviction.classic.SlruPolicyProvider;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import org.jspecify.annotations.NullMarked;

/** The policies {@code fifo}, {@code filo}, {@code mru}, {@code lfu} and {@code slru}. */
@NullMarked
module io.pagoda.eviction.classic {
  requires io.pagoda.api;

  provides EvictionPolicyProvider with
      FifoPolicyProvider,
      FiloPolicyProvider,
      LfuPolicyProvider,
      MruPolicyProvider,
      SlruPolicyProvider;
}
