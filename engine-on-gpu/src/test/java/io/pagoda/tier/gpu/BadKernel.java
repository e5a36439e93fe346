package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.BlockKeys;
import io.pagoda.Job;
import io.pagoda.KvLayout;
import io.pagoda.Outcome;
import io.pagoda.Pool;
import io.pagoda.PoolPart;
import io.pagoda.PoolSpec;
import io.pagoda.core.graph.Sections;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;

/** Ruins a device's context while a store uses it, and tells what the store does then. */
final class BadKernel {
  private static final PoolSpec SPEC = new PoolSpec(KvLayout.LAYER_FIRST, 4, 2, 8, 64 << 10);
  private static final BlockKeys KEYS = BlockKeys.ofWords(LongStream.rangeClosed(1, 8).toArray());

  /** Writes to an address that is nobody's. */
  private static final String PTX = """
      .version 7.0
      .target sm_80
      .address_size 64
      .visible .entry bad() {
        .reg .b64 %rd<2>;
        .reg .b32 %r<2>;
        mov.u64 %rd1, 64;
        mov.u32 %r1, 1;
        st.global.u32 [%rd1], %r1;
        ret;
      }
      """;

  private BadKernel() {}

  public static void main(String[] args) {
    try (Arena arena = Arena.ofShared();
        Rig rig = Rig.open(16, Sections.whole(SPEC.blockBytes()))) {
      MemorySegment there = rig.device().allocate(SPEC.bytes()).segment();
      MemorySegment here = arena.allocate(SPEC.bytes());
      Host.fill(here, 1);
      Pool gpu = rig.store().register(List.of(part(there, rig.device().uuid())));
      Pool host = rig.store().register(List.of(part(here, "")));
      tell("put", rig.store().put(KEYS, host, 0, 1, 2, 3));
      tell("before", rig.store().fetch(rig.store().match(KEYS), gpu, 0, 1, 2, 3));
      ruin(rig.device());
      tell("first", rig.store().fetch(rig.store().match(KEYS), gpu, 4, 5, 6, 7));
      tell("second", rig.store().fetch(rig.store().match(KEYS), gpu, 4, 5, 6, 7));
      tell("others", rig.store().fetch(rig.store().match(KEYS), host, 4, 5, 6, 7));
      gpu.close();
      host.close();
    }
    System.out.println("closed .");
  }

  private static PoolPart part(MemorySegment memory, String device) {
    return new PoolPart(SPEC, List.of(memory), 0, 0, false, device);
  }

  private static void tell(String what, Job job) {
    Outcome outcome = job.outcome().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    System.out.printf("%s %d %s%n", what, outcome.blocks(), outcome.reason());
  }

  private static void ruin(CudaDevice device) {
    var module = new CUmodule();
    var bad = new CUfunction();
    try (var _ = device.context.enter()) {
      check(JCudaDriver.cuModuleLoadData(module, PTX), "cuModuleLoadData");
      check(JCudaDriver.cuModuleGetFunction(bad, module, "bad"), "cuModuleGetFunction");
      check(
          JCudaDriver.cuLaunchKernel(bad, 1, 1, 1, 1, 1, 1, 0, null, null, null), "cuLaunchKernel");
      System.out.println("ruined " + JCudaDriver.cuCtxSynchronize());
    }
  }
}
