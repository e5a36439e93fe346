import io.pagoda.spi.tier.TierProvider;
import io.pagoda.tier.ssd.SsdTierProvider;
import org.jspecify.annotations.NullMarked;

/**
 * The {@code ssd} tier: blocks in files by slot, moved by io_uring.
 *
 * <p>This module and {@code io.netty.common}, {@code io.netty.transport.unix.common} and {@code
 * io.netty.transport.classes.io_uring} call native code.
 */
@NullMarked
module io.pagoda.tier.ssd {
  requires io.pagoda.api;
  requires io.netty.common;
  requires io.netty.transport;
  requires io.netty.transport.classes.io_uring;
  // Nothing else asks for the native library's module, and without it io_uring is not found.
  requires io.netty.transport.io_uring.linux.x86_64;
  // com.sun.nio.file.ExtendedOpenOption: O_DIRECT for the file-channel engine.
  requires jdk.unsupported;

  provides TierProvider with
      SsdTierProvider;
}
