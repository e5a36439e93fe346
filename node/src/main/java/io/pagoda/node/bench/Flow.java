package io.pagoda.node.bench;

/**
 * What one run moved, and what that cost.
 *
 * @param bytes how many were moved
 * @param seconds from the first request to the last answer
 * @param cpu what it took of the processors
 * @param wrongBytes how many of the bytes were in pieces with a wrong checksum
 */
record Flow(long bytes, double seconds, Cpu cpu, long wrongBytes) {
  private static final double GIGA = 1e9;

  /**
   * CPU time of threads and of the kernel on their behalf, in seconds.
   *
   * @param total of all but the following two
   * @param checksums of threads that take checksums, but for what else they do
   * @param compilers of the JVM's compilers, which have done their work sooner or later
   * @param tier of the tier's own threads, a part of the total
   */
  record Cpu(double total, double checksums, double compilers, double tier) {
    /** Time of somebody who has no such parts. */
    static Cpu of(double total) {
      return new Cpu(total, 0, 0, 0);
    }
  }

  /** {@return 10<sup>9</sup> bytes per second} */
  double rate() {
    return bytes / GIGA / seconds;
  }

  /** {@return of {@code seconds} how many there were per 10<sup>9</sup> bytes} */
  double perGigabyte(double cpuSeconds) {
    return cpuSeconds / (bytes / GIGA);
  }
}
