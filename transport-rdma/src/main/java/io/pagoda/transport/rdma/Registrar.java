package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvMr;
import java.io.IOException;

/** Registers memory in one piece, and ends that. */
interface Registrar {
  /**
   * Registers host memory.
   *
   * @param access what may be done with it, as {@link Abi} numbers it
   */
  IbvMr register(long address, long bytes, int access) throws IOException;

  /** Registers memory of a GPU, by the way that there is. */
  IbvMr registerGpu(long address, long bytes, int access) throws IOException;

  /** Ends a registration: the device touches nothing of it any more. */
  void deregister(IbvMr registered);
}
