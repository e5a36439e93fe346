package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import java.util.Arrays;

/** The errors of Linux that a disk can answer with. */
enum Errno {
  EIO(5, Fault.PERMANENT, "the device could not read or write; look at the kernel log"),
  ENXIO(6, Fault.FATAL, "the device is gone"),
  EBADF(9, Fault.FATAL, "the file was closed under the tier"),
  ENODEV(19, Fault.FATAL, "the device is gone"),
  EROFS(30, Fault.FATAL, "the file system became read-only; look at the kernel log"),
  EINTR(4, Fault.TRANSIENT, "interrupted again and again"),
  EAGAIN(11, Fault.TRANSIENT, "the kernel lacks resources for it now"),
  ENOMEM(12, Fault.TRANSIENT, "the kernel lacks memory for it now"),
  ENOSPC(28, Fault.TRANSIENT, "the file system is full; free space, or lower the tier's capacity"),
  EDQUOT(122, Fault.TRANSIENT, "the disk quota is used up; raise it, or lower the tier's capacity"),
  ECANCELED(125, Fault.TRANSIENT, "the kernel cancelled it"),
  ETIMEDOUT(110, Fault.TRANSIENT,
      "the device did not answer within the tier's deadline; look at the kernel log"),
  EFAULT(14, Fault.PERMANENT, "the batch's memory is not there, or not for every thread"),
  EACCES(13, Fault.PERMANENT, "permission denied"),
  EFBIG(27, Fault.PERMANENT, "the file system allows no file that large; set file-size"),
  EINVAL(22, Fault.PERMANENT,
      "the file system does not take this request; if it lacks direct I/O, set direct = false"),
  EOPNOTSUPP(95, Fault.PERMANENT, "the file system cannot do this"),
  EUNKNOWN(0, Fault.PERMANENT, "an unexpected error");

  private final int code;
  private final Fault fault;
  private final String meaning;

  Errno(int code, Fault fault, String meaning) {
    this.code = code;
    this.fault = fault;
    this.meaning = meaning;
  }

  /** {@return the constant for the positive {@code code}, {@link #EUNKNOWN} for a rare one} */
  static Errno of(int code) {
    return Arrays.stream(values()).filter(e -> e.code == code).findFirst().orElse(EUNKNOWN);
  }

  /** {@return a name and an explanation of the positive {@code code}} */
  static String describe(int code) {
    Errno errno = of(code);
    return (errno == EUNKNOWN ? "errno " + code : errno.name()) + ", " + errno.meaning;
  }

  int code() {
    return code;
  }

  Fault fault() {
    return fault;
  }

  /** {@return whether the same request is worth making again at once} */
  boolean retriable() {
    return this == EINTR || this == EAGAIN;
  }
}
