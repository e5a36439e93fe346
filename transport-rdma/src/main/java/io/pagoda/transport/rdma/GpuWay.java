package io.pagoda.transport.rdma;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** By which way RDMA devices of this machine reach memory of GPUs. */
sealed interface GpuWay {
  /**
   * Memory is exported by CUDA as a file, which the device takes.
   *
   * @param cuda exports it
   * @param otherwise which way is there for a device that takes no such files
   */
  record DmaBuf(Cuda cuda, GpuWay otherwise) implements GpuWay {}

  /**
   * A module of the kernel has devices register such memory as if it were the host's.
   *
   * @param cuda is told of it
   */
  record PeerMemory(Cuda cuda) implements GpuWay {}

  /**
   * There is none.
   *
   * @param why with the remedy
   * @param gpu whether there is a GPU, whose memory cannot be moved
   */
  record None(String why, boolean gpu) implements GpuWay {}

  /** What CUDA does for memory that others reach. */
  interface Cuda {
    /**
     * Has CUDA's synchronous copies to and from memory wait until they are done, always: what a
     * device reads or writes without CUDA would not be what they have written or have yet to read.
     */
    void synchronous(long address) throws IOException;

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
      return new DmaBuf(
          cuda.driver().get(),
          peerMemory(
              cuda.driver().get(), "the RDMA device registers no memory of other devices",
              modules));
    }
    return peerMemory(cuda.driver().get(), why.get(), modules);
  }

  private static GpuWay peerMemory(Cuda cuda, String why, List<Path> modules) {
    return modules.stream().anyMatch(Files::exists)
        ? new PeerMemory(cuda)
        : new None(why + ", and the kernel has no nvidia-peermem: modprobe it", true);
  }

  /**
   * {@return the way of a device}
   *
   * @param takesFiles whether it registers memory that files stand for; asked only if that matters
   */
  default GpuWay of(BooleanSupplier takesFiles) {
    return this instanceof DmaBuf way && !takesFiles.getAsBoolean() ? way.otherwise : this;
  }

  /** {@return what an operator reads} */
  default String text() {
    return switch (this) {
      case DmaBuf _ -> "by dma-buf";
      case PeerMemory _ -> "by nvidia-peermem";
      case None none -> "cannot be moved by this transport: " + none.why;
    };
  }
}
