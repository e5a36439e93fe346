package io.pagoda.node.bench;

/**
 * What one run moved, and what that cost.
 *
 * @param bytes how many were moved
 * @param seconds from the first request to the last answer
 * @param cpuSeconds of every thread and of the kernel on their behalf, without checksums
 * @param checksumCpuSeconds of checksums alone
 * @param wrongBytes how many of the bytes were in pieces with a wrong checksum
 */
record Flow(
    long bytes, double seconds, double cpuSeconds, double checksumCpuSeconds, long wrongBytes) {
  private static final double GIGA = 1e9;

  /** {@return 10<sup>9</sup> bytes per second} */
  double rate() {
    return bytes / GIGA / seconds;
  }

  /** {@return CPU seconds per 10<sup>9</sup> bytes, without checksums} */
  double cpuPerGigabyte() {
    return cpuSeconds / (bytes / GIGA);
  }

  /** {@return CPU seconds of checksums per 10<sup>9</sup> bytes} */
  double checksumCpuPerGigabyte() {
    return checksumCpuSeconds / (bytes / GIGA);
  }
}
