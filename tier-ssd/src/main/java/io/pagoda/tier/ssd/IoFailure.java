package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.nio.file.Path;

/** Words for an operation that failed. */
final class IoFailure {
  private IoFailure() {}

  /**
   * Returns the failure of {@code op} on {@code file}.
   *
   * @param result 0 if nothing more could be moved, else a negative errno
   */
  static PagodaException of(Op op, Path file, int result) {
    String what = "Cannot %s %d bytes at offset %d of %s: "
        .formatted(op.write() ? "write" : "read", op.length(), op.position(), file);
    if (result < 0) {
      return new PagodaException(
          Errno.of(-result).fault(), what + Errno.describe(-result), op.cause());
    }
    String why = op.write()
        ? "the kernel takes none of them"
        : "the file ends before them; was it cut by somebody else?";
    return new PagodaException(Fault.PERMANENT, what + why, op.cause());
  }
}
