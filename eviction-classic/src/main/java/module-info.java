import io.pagoda.eviction.classic.AdaptivePolicyProvider;
import io.pagoda.eviction.classic.ArcPolicyProvider;
import io.pagoda.eviction.classic.FifoPolicyProvider;
import io.pagoda.eviction.classic.FiloPolicyProvider;
import io.pagoda.eviction.classic.GdsfPolicyProvider;
import io.pagoda.eviction.classic.LengthAwarePolicyProvider;
import io.pagoda.eviction.classic.LfuPolicyProvider;
import io.pagoda.eviction.classic.LfuDaPolicyProvider;
import io.pagoda.eviction.classic.Lru2PolicyProvider;
import io.pagoda.eviction.classic.MruPolicyProvider;
import io.pagoda.eviction.classic.S3FifoPolicyProvider;
import io.pagoda.eviction.classic.SievePolicyProvider;
import io.pagoda.eviction.classic.SlruPolicyProvider;
import io.pagoda.eviction.classic.TinyLfuPolicyProvider;
import io.pagoda.spi.eviction.EvictionPolicyProvider;
import org.jspecify.annotations.NullMarked;

/**
 * The policies {@code fifo}, {@code filo}, {@code mru}, {@code lfu}, {@code slru}, {@code lru-2},
 * {@code arc}, {@code s3-fifo}, {@code sieve}, {@code lfu-da}, {@code gdsf}, {@code w-tinylfu},
 * {@code length-aware} and {@code adaptive}.
 */
@NullMarked
module io.pagoda.eviction.classic {
  requires io.pagoda.api;

  provides EvictionPolicyProvider with
      AdaptivePolicyProvider,
      ArcPolicyProvider,
      FifoPolicyProvider,
      FiloPolicyProvider,
      GdsfPolicyProvider,
      LengthAwarePolicyProvider,
      LfuDaPolicyProvider,
      LfuPolicyProvider,
      Lru2PolicyProvider,
      MruPolicyProvider,
      S3FifoPolicyProvider,
      SievePolicyProvider,
      SlruPolicyProvider,
      TinyLfuPolicyProvider;
}
