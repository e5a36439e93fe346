package io.pagoda.node.sim;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Draws what was tried as one page that needs nothing else.
 *
 * @param report what to draw
 */
public record SimHtml(SimReport report) {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 420;
  private static final int LEFT = 60;
  private static final int RIGHT = 150;
  private static final int BOTTOM = 40;
  private static final int TOP = 20;

  /** {@return the page} */
  public String page() {
    StringBuilder page = new StringBuilder();
    page.append("""
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>Pagoda: simulation</title>
        <style>body{font:15px sans-serif;max-width:60em;margin:2em auto}svg{width:100%}
        text{font:12px sans-serif}pre{background:#f4f4f4;padding:1em;overflow:auto}</style>
        """);
    page.append("<h1>").append(report.heading()).append("</h1>\n");
    page.append(chart(cell -> OptionalDouble.of(cell.hitRatio())));
    if (report.sim().setup().edge().isPresent()) {
      page.append("<h1>Blocks written to the tier below</h1>\n").append(chart(report::writesBelow));
    }
    report.sim()
        .setup()
        .costs()
        .ifPresent(
            costs -> page.append("<h1>Estimated time to the first token, in milliseconds</h1>\n")
                .append(chart(cell -> report.firstToken(costs, cell))));
    return page.append("<pre>").append(report.text()).append("</pre>\n</html>\n").toString();
  }

  /** What is drawn of a cell, if it has it. */
  @FunctionalInterface
  private interface Figure {
    OptionalDouble of(SimCell cell);
  }

  private String chart(Figure figure) {
    double most = report.cells()
        .stream()
        .map(figure::of)
        .flatMapToDouble(OptionalDouble::stream)
        .max()
        .orElse(1);
    double top = most > 0 ? most : 1;
    StringBuilder svg =
        new StringBuilder(format("<svg viewBox=\"0 0 %d %d\" role=\"img\">%n", WIDTH, HEIGHT));
    grid(svg, top);
    List<String> policies = report.sim().setup().policies();
    for (int i = 0; i < policies.size(); i++) {
      line(svg, policies.get(i), i, policies.size(), top, figure);
    }
    return svg.append("</svg>\n").toString();
  }

  private void grid(StringBuilder svg, double top) {
    for (int i = 0; i <= 4; i++) {
      double y = y(top * i / 4, top);
      String label = top > 1 ? "%,.0f" : "%.3f";
      svg.append(
          format(
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                  + "<text x=\"4\" y=\"%.1f\">" + label + "</text>%n",
              LEFT, WIDTH - RIGHT, y, y, y + 4, top * i / 4));
    }
    for (int capacity : report.sim().setup().capacities()) {
      svg.append(
          format(
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%,d</text>%n", x(capacity),
              HEIGHT - BOTTOM + 18, capacity));
    }
  }

  private void line(
      StringBuilder svg, String policy, int number, int of, double top, Figure figure) {
    String color = format("hsl(%d 70%% 42%%)", 360 * number / of);
    StringBuilder points = new StringBuilder();
    for (SimCell cell : report.of(policy)) {
      figure.of(cell)
          .ifPresent(
              value -> points.append(format("%.1f,%.1f ", x(cell.capacity()), y(value, top))));
    }
    if (points.isEmpty()) {
      return;
    }
    svg.append(
        format(
            "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"%s\"/>"
                + "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>%n",
            color, points, WIDTH - RIGHT + 10, TOP + 10 + 18 * number, color, policy));
  }

  private double x(int capacity) {
    List<Integer> all = report.sim().setup().capacities();
    double least = Math.log(all.stream().mapToInt(i -> i).min().orElse(1));
    double most = Math.log(all.stream().mapToInt(i -> i).max().orElse(1));
    double share = most > least ? (Math.log(capacity) - least) / (most - least) : .5;
    return LEFT + 20 + share * (WIDTH - LEFT - RIGHT - 40);
  }

  private static double y(double value, double top) {
    return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
