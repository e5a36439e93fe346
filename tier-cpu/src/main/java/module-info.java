import org.jspecify.annotations.NullMarked;

/** Tiers of type {@code cpu}: blocks in host memory. */
@NullMarked
module io.pagoda.tier.cpu {
  requires io.pagoda.api;

  provides io.pagoda.spi.tier.TierProvider with
      io.pagoda.tier.cpu.CpuTierProvider;
}
