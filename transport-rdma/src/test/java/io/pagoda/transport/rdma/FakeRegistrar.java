package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ibm.disni.verbs.IbvMr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Registrations that are plain memory with keys in it. */
final class FakeRegistrar implements Registrar, AutoCloseable {
  record Call(boolean gpu, long address, long bytes, int access, int key) {}

  final Arena arena = Arena.ofShared();
  final List<Call> open = new ArrayList<>();
  private int keys = 100;

  private IbvMr made(boolean gpu, long address, long bytes, int access) throws IOException {
    var _ = FfmProvider.install();
    open.add(new Call(gpu, address, bytes, access, ++keys));
    return new Native.Mr(null, registered(arena, address, bytes, keys));
  }

  /** {@return a registration as libibverbs has it} */
  static long registered(Arena arena, long address, long bytes, int key) {
    MemorySegment mr = arena.allocate(64, 8);
    mr.set(JAVA_LONG, Abi.MR_ADDRESS, address);
    mr.set(JAVA_LONG, Abi.MR_LENGTH, bytes);
    mr.set(JAVA_INT, Abi.MR_LKEY, key);
    mr.set(JAVA_INT, Abi.MR_RKEY, key);
    return mr.address();
  }

  @Override
  public IbvMr register(long address, long bytes, int access) throws IOException {
    return made(false, address, bytes, access);
  }

  @Override
  public IbvMr registerGpu(long address, long bytes, int access) throws IOException {
    return made(true, address, bytes, access);
  }

  @Override
  public void deregister(IbvMr registered) {
    assertTrue(open.removeIf(one -> one.key() == registered.getRkey()), "it was registered");
  }

  @Override
  public void close() {
    arena.close();
  }
}
