package io.pagoda.tier.gpu;

import static io.pagoda.tier.gpu.Cuda.check;

import io.pagoda.spi.device.DeviceMemory;
import io.pagoda.spi.device.Stripe;
import io.pagoda.spi.tier.BlockBatch;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * What a compute kernel loses to copies beside it, and they to it: matrix products of cuBLAS alone,
 * and again while blocks are copied all the time, by this process or by another.
 *
 * <pre>
 * java … io.pagoda.tier.gpu.Beside all      LIBCUBLAS SECONDS
 * java … io.pagoda.tier.gpu.Beside products LIBCUBLAS SECONDS
 * java … io.pagoda.tier.gpu.Beside copies   PATH CTAS WAY CHUNK SECONDS
 * </pre>
 */
final class Beside {
  private static final int SIDE = 8192;
  private static final int BATCH = 10;
  private static final int PLANES = 160;
  private static final long BYTES = 1_280L << 20;
  private static final PrintStream OUT = System.out;

  private Beside() {}

  /** Copies that never stop until they are told to. */
  private static final class Copying implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final CudaDevice device;
    private final List<DeviceMemory> pools = new ArrayList<>();
    private final List<CudaRegion> regions = new ArrayList<>();
    private final Semaphore running = new Semaphore(0);
    private final LongAdder bytes = new LongAdder();
    private volatile boolean ending;
    private int streams;

    Copying(CopyPath path, int ctas, String way, long chunk) {
      device = CudaDevice.open(
          new CudaSettings("", ctas, path, 96 << 20, true, Optional.empty(), false), "beside");
      if (!way.equals("out")) {
        start(path, true, chunk);
      }
      if (!way.equals("in")) {
        start(path, false, chunk);
      }
    }

    private void start(CopyPath path, boolean in, long chunk) {
      MemorySegment host = MemoryNative.map(BYTES, arena);
      device.pin(host).toCompletableFuture().join();
      DeviceMemory pool = device.allocate(BYTES);
      pools.add(pool);
      int blocks = Math.toIntExact(BYTES / chunk / PLANES);
      List<Stripe> stripes = new ArrayList<>();
      for (int plane = 0; plane < PLANES; plane++) {
        long at = pool.segment().address() + chunk * blocks * plane;
        stripes.add(new Stripe(at, chunk, plane * chunk, chunk));
      }
      var region = new CudaRegion(device, List.of(stripes), blocks, path);
      regions.add(region);
      long[] offsets = new long[blocks];
      int[] numbers = new int[blocks];
      Arrays.setAll(offsets, i -> chunk * PLANES * i);
      Arrays.setAll(numbers, i -> (i * 7 + 3) % blocks);
      BlockBatch batch = BlockBatch.withoutKeys(host, offsets, numbers, PLANES * chunk);
      streams += 2;
      again(region, batch, in);
      again(region, batch, in);
    }

    private void again(CudaRegion region, BlockBatch batch, boolean in) {
      region.copy(batch, 0, in, _ -> {
        bytes.add(BYTES);
        if (ending) {
          running.release();
        } else {
          again(region, batch, in);
        }
      });
    }

    long bytes() {
      return bytes.sum();
    }

    @Override
    public void close() {
      ending = true;
      running.acquireUninterruptibly(streams);
      regions.forEach(CudaRegion::close);
      pools.forEach(DeviceMemory::close);
      device.close();
      arena.close();
    }
  }

  /** Products, one after the other. */
  private static final class Products {
    private final StreamHandle stream;
    private final CublasNative cublas;
    private final Context context;
    private final long[] matrices = new long[3];

    Products(CudaDevice device, Path library, Arena arena) throws Throwable {
      stream = StreamHandle.create(device.context);
      context = device.context;
      cublas = new CublasNative(library, stream.address(), arena);
      for (int i = 0; i < matrices.length; i++) {
        matrices[i] = device.allocate(2L * SIDE * SIDE).segment().address();
        short[] values = new short[SIDE * SIDE];
        var random = new SplittableRandom(i);
        for (int k = 0; k < values.length; k++) {
          float value = (float) random.nextDouble(-1, 1);
          values[k] = (short) (Float.floatToRawIntBits(value) >>> 16);
        }
        check(
            JCudaDriver
                .cuMemcpyHtoD(CudaMemory.at(matrices[i]), Pointer.to(values), 2L * values.length),
            "cuMemcpyHtoD");
      }
    }

    /** {@return the mean milliseconds of a product, by the device's clock} */
    double millis(double seconds) throws Throwable {
      Event start = Event.timed(context);
      Event end = Event.timed(context);
      List<Double> all = new ArrayList<>();
      long until = System.nanoTime() + (long) (seconds * 1e9);
      do {
        start.record(stream);
        for (int i = 0; i < BATCH; i++) {
          cublas.multiply(SIDE, matrices[0], matrices[1], matrices[2]);
        }
        end.record(stream);
        check(end.await(), "cuEventSynchronize");
        all.add((double) end.millisSince(start) / BATCH);
      } while (System.nanoTime() < until);
      double sum = all.stream().mapToDouble(one -> one).sum();
      return sum / all.size(); // not the median: what copies cost comes in bursts
    }
  }

  private static CudaDevice idle() {
    return CudaDevice.open(
        new CudaSettings("", 4, CopyPath.PLAIN, 0, false, Optional.empty(), false), "products");
  }

  private static void all(Path library, double seconds) throws Throwable {
    CudaDevice device = idle();
    try (Arena arena = Arena.ofShared();
        var _ = device.context.enter()) {
      var products = new Products(device, library, arena);
      products.millis(seconds);
      for (CopyPath path : List.of(CopyPath.STAGED, CopyPath.KERNEL, CopyPath.COPY_ENGINE)) {
        for (int ctas : path == CopyPath.COPY_ENGINE ? List.of(4) : List.of(4, 2, 1)) {
          for (String way : List.of("in", "out", "both")) {
            long chunk = path == CopyPath.COPY_ENGINE ? 1 << 20 : 16 << 10;
            beside(products, path, ctas, way, chunk, seconds);
          }
        }
      }
    }
  }

  private static void beside(
      Products products, CopyPath path, int ctas, String way, long chunk, double seconds)
      throws Throwable {
    double alone = products.millis(seconds / 2);
    double copiesAlone;
    double beside;
    double copiesBeside;
    try (var copying = new Copying(path, ctas, way, chunk)) {
      copiesAlone = rate(copying, seconds / 2);
      long before = copying.bytes();
      long start = System.nanoTime();
      beside = products.millis(seconds);
      copiesBeside = (copying.bytes() - before) / (double) (System.nanoTime() - start);
    }
    alone = (alone + products.millis(seconds / 2)) / 2;
    OUT.printf(
        Locale.ROOT,
        "{\"path\": \"%s\", \"ctas\": %d, \"way\": \"%s\", \"chunk\": %d, \"product_ms_alone\": "
            + "%.3f, \"product_ms_beside\": %.3f, \"loss\": %.4f, \"copies_gb_s_alone\": %.1f, "
            + "\"copies_gb_s_beside\": %.1f}%n",
        path.word(), ctas, way, chunk, alone, beside, beside / alone - 1, copiesAlone,
        copiesBeside);
  }

  private static double rate(Copying copying, double seconds) throws InterruptedException {
    long before = copying.bytes();
    long start = System.nanoTime();
    boolean _ = new Semaphore(0).tryAcquire((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
    return (copying.bytes() - before) / (double) (System.nanoTime() - start);
  }

  private static void products(Path library, double seconds) throws Throwable {
    CudaDevice device = idle();
    try (Arena arena = Arena.ofShared();
        var _ = device.context.enter()) {
      var products = new Products(device, library, arena);
      products.millis(seconds / 4);
      OUT.printf(Locale.ROOT, "{\"product_ms\": %.3f}%n", products.millis(seconds));
    }
  }

  private static void copies(String[] args) throws InterruptedException {
    CopyPath path = CopyPath.valueOf(args[1].toUpperCase(Locale.ROOT).replace('-', '_'));
    int ctas = Integer.parseInt(args[2]);
    double seconds = Double.parseDouble(args[5]);
    try (var copying = new Copying(path, ctas, args[3], Long.parseLong(args[4]))) {
      double rate = rate(copying, seconds);
      OUT.printf(
          Locale.ROOT,
          "{\"path\": \"%s\", \"ctas\": %d, \"way\": \"%s\", \"chunk\": %s, \"gb_s\": %.1f}%n",
          args[1], ctas, args[3], args[4], rate);
    }
  }

  /** Runs one of the three. */
  public static void main(String[] args) throws Throwable {
    switch (args[0]) {
      case "all" -> all(Path.of(args[1]), Double.parseDouble(args[2]));
      case "products" -> products(Path.of(args[1]), Double.parseDouble(args[2]));
      case "copies" -> copies(args);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }
}
