package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaVerbs;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;

/** By what the functions of libibverbs and librdmacm are called. */
enum Provider {
  /** By {@code java.lang.foreign}. */
  FFM,
  /** By DiSNI's own library, {@code libdisni}. */
  NAT;

  /** {@return by which way memory of GPUs is registered} */
  GpuWay gpus() {
    return this == FFM
        ? GpuWay.find(VerbsNative.knowsDmaBuf())
        : new GpuWay.None("provider = nat registers host memory alone: set provider = ffm", false);
  }

  Device.Binding bind() {
    if (this == FFM) {
      VerbsNative.missing().ifPresent(why -> {
        throw new PagodaException(Fault.PERMANENT, "No RDMA on this machine: " + why);
      });
      FfmProvider ours = FfmProvider.install();
      return new Device.Binding(ours.cm(), ours.verbs());
    }
    try {
      return new Device.Binding(RdmaCm.open(), RdmaVerbs.open());
    } catch (IOException | LinkageError e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "provider = nat needs DiSNI's library: put libdisni on java.library.path, or set provider"
              + " = ffm",
          e);
    }
  }
}
