package io.pagoda.node.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What Pagoda wants to reach on one H200 with PCIe 5 ×16.
 *
 * @param what in words
 * @param worst the worst that was measured of it
 * @param met whether that will do
 */
record GpuBar(String what, double worst, boolean met) {
  private static final List<String> SMALL = List.of("4KiB", "16KiB", "32KiB", "64KiB", "256KiB");

  /** {@return the bars of which something was measured} */
  static List<GpuBar> of(List<BenchResult> all) {
    List<GpuBar> bars = new ArrayList<>();
    chosen(bars, all, 4, SMALL, 51.0, 52.0);
    chosen(bars, all, 2, SMALL.subList(2, 5), 51.0, 52.0);
    chosen(bars, all, 1, SMALL.subList(1, 5), 35.0, 35.0);
    ToDoubleFunction<BenchResult> ofCeiling = result -> result.ratio().orElse(0);
    Predicate<BenchResult> engine = path("copy-engine").and(one -> !is("way", "both").test(one));
    least(
        bars, "copy engine, 64 KiB: >= 0.80 of the ceiling", all, engine.and(is("chunk", "64KiB")),
        ofCeiling, 0.80);
    least(
        bars, "copy engine, 1 MiB: >= 0.97 of the ceiling", all, engine.and(is("chunk", "1MiB")),
        ofCeiling, 0.97);
    least(
        bars, "auto: >= 0.97 of the best path", all, path("auto"),
        result -> result.further().getOrDefault(GpuCase.OF_BEST, 0.0), 0.97);
    least(
        bars, "auto, 4 CTAs, both ways at once: >= 0.95 of the ceiling", all,
        path("auto").and(is("way", "both")).and(is("ctas", 4)), ofCeiling, 0.95);
    least(
        bars, "fetch and put: >= 0.97 of the path alone", all,
        result -> result.further().containsKey(GpuCache.ALONE), ofCeiling, 0.97);
    all.stream()
        .filter(result -> result.further().containsKey(GpuCache.OWN_CPU))
        .mapToDouble(result -> result.further().getOrDefault(GpuCache.OWN_CPU, 0.0))
        .max()
        .ifPresent(
            most -> bars.add(
                new GpuBar(
                    "fetch and put: <= 2 % of a core, the JVM's compiler apart", most, most <= 2)));
    return bars;
  }

  private static void chosen(
      List<GpuBar> bars, List<BenchResult> all, int ctas, List<String> chunks, double in,
      double out) {
    Predicate<BenchResult> these = path("auto").and(is("ctas", ctas))
        .and(result -> chunks.contains(String.valueOf(result.params().get("chunk"))));
    String sizes = chunks.getFirst() + " to " + chunks.getLast();
    least(
        bars, "auto, %d CTAs, %s, in: >= %.1f GB/s".formatted(ctas, sizes, in), all,
        these.and(is("way", "in")), GpuRatios::rate, in);
    least(
        bars, "auto, %d CTAs, %s, out: >= %.1f GB/s".formatted(ctas, sizes, out), all,
        these.and(is("way", "out")), GpuRatios::rate, out);
  }

  private static Predicate<BenchResult> path(String path) {
    return is("path", path);
  }

  private static Predicate<BenchResult> is(String param, Object value) {
    return result -> GpuRatios.is(result, param, value);
  }

  private static void least(
      List<GpuBar> bars, String what, List<BenchResult> all, Predicate<BenchResult> which,
      ToDoubleFunction<BenchResult> figure, double limit) {
    OptionalDouble worst = all.stream().filter(which).mapToDouble(figure).min();
    worst.ifPresent(least -> bars.add(new GpuBar(what, least, least >= limit)));
  }
}
