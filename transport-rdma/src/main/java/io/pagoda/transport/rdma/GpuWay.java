package io.pagoda.transport.rdma;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** By which way RDMA devices of this machine reach memory of GPUs. */
sealed interface GpuWay {
  /** Memory is exported by CUDA as a file, which the device takes. */
  record DmaBuf(Exporter exporter) implements GpuWay {}

  /** A module of the kernel has devices register such memory as if it were the host's. */
  record PeerMemory() implements GpuWay {}

  /**
   * There is none.
   *
   * @param why with the remedy
   * @param gpu whether there is a GPU, so that bytes take a longer way
   */
  record None(String why, boolean gpu) implements GpuWay {}

  /** Makes a file of memory. */
  interface Exporter {
    /**
     * {@return a file descriptor that stands for memory of a GPU, which the caller closes}
     *
     * @param address a multiple of a page
     * @param bytes a multiple of a page
     */
    int export(long address, long bytes) throws IOException;

    /** Closes a file descriptor. */
    void close(int descriptor);
  }

  /** {@return the way there is, the best first} */
  static GpuWay find(boolean dmaBuf) {
    return find(
        CudaNative.open(), dmaBuf,
        List.of(Path.of("/sys/module/nvidia_peermem"), Path.of("/sys/module/nv_peer_mem")));
  }

  /**
   * {@return the way there is}
   *
   * @param cuda the driver, or why there is none
   * @param dmaBuf whether libibverbs takes such files
   * @param modules of which one is there if the kernel has it
   */
  static GpuWay find(CudaNative.Attempt cuda, boolean dmaBuf, List<Path> modules) {
    if (cuda.driver().isEmpty()) {
      return new None(cuda.missing(), false);
    }
    Optional<String> why = dmaBuf
        ? cuda.driver().get().exportsNothing()
        : Optional.of("libibverbs is older than 34 and takes no dma-buf");
    if (why.isEmpty()) {
      return new DmaBuf(cuda.driver().get());
    }
    return modules.stream().anyMatch(Files::exists)
        ? new PeerMemory()
        : new None(why.get() + ", and the kernel has no nvidia-peermem: modprobe it", true);
  }

  /** {@return what an operator reads} */
  default String text() {
    return switch (this) {
      case DmaBuf _ -> "by dma-buf";
      case PeerMemory _ -> "by nvidia-peermem";
      case None none -> "through host memory: " + none.why;
    };
  }
}
