package io.pagoda.transport.rdma;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** CUDA's driver: each function notes its words, and answers as it was told to. */
@SuppressWarnings("restricted")
final class FakeCudaNative implements AutoCloseable {
  final Arena arena = Arena.ofShared();
  final List<String> calls = new ArrayList<>();
  final Map<String, Integer> errors = new HashMap<>();
  int supported = 1;
  /** Of any memory. */
  long context = 0x77;

  /** Of memory that is none of a GPU. */
  static final GpuWay.Cuda NOTHING = new GpuWay.Cuda() {
    @Override
    public void synchronous(long address) {}

    @Override
    public int export(long address, long bytes) {
      throw new AssertionError("there is nothing to export");
    }

    @Override
    public void close(int descriptor) {}
  };

  CudaNative driver() {
    return new CudaNative(name -> Optional.of(stub(name)));
  }

  private MemorySegment stub(String name) {
    try {
      var method = MethodHandles.insertArguments(
          MethodHandles.lookup()
              .bind(
                  this, "called",
                  MethodType.methodType(
                      int.class, String.class, long.class, long.class, long.class, long.class,
                      long.class)),
          0, name);
      return Linker.nativeLinker()
          .upcallStub(
              method, FunctionDescriptor
                  .of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
              arena);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("no such operation", e);
    }
  }

  int called(String name, long a, long b, long c, long d, long e) {
    MemorySegment all = VerbsNative.everything();
    switch (name) {
      case "cuDeviceGetAttribute" -> {
        calls.add(name + " " + (int) b + " " + (int) c);
        all.set(JAVA_INT, a, supported);
      }
      case "cuDeviceGet" -> all.set(JAVA_INT, a, 3);
      case "cuPointerGetAttribute" -> {
        calls.add(name + " " + (int) b + " " + c);
        if ((int) b == CudaNative.ORDINAL_OF) {
          all.set(JAVA_INT, a, 3);
        } else {
          all.set(JAVA_LONG, a, context);
        }
      }
      case "cuMemGetHandleForAddressRange" -> {
        calls.add(name + " " + b + " " + c + " " + (int) d + " " + e);
        all.set(JAVA_INT, a, 42);
      }
      case "cuPointerSetAttribute" ->
        calls.add(name + " " + all.get(JAVA_INT, a) + " " + (int) b + " " + c);
      case "cuDevicePrimaryCtxRetain" -> {
        calls.add(name + " " + (int) b);
        all.set(JAVA_LONG, a, 0x99L);
      }
      case "cuCtxPopCurrent_v2" -> calls.add(name);
      default -> calls.add(name + " " + a);
    }
    return errors.getOrDefault(name, 0);
  }

  @Override
  public void close() {
    arena.close();
  }
}
