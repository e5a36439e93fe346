package io.pagoda.node.text;

import io.pagoda.StoreStatistics;
import io.pagoda.StoreStatistics.Hop;
import io.pagoda.StoreStatistics.HopCount;
import io.pagoda.StoreStatistics.Tier;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Draws a store: a box for each tier with how full it is, and arrows with what went through. */
public final class TierPicture {
  private static final int INNER_WIDTH = 58;
  private static final int BAR_WIDTH = 40;
  private static final String INDENT = "  ";

  private final Glyphs glyphs;
  private final StoreStatistics store;
  private final long blockBytes;
  private final Set<String> tierNames;

  /**
   * Creates a picture.
   *
   * @param glyphs what to draw with
   * @param store what to draw
   * @param blockBytes bytes of each of its blocks
   */
  public TierPicture(Glyphs glyphs, StoreStatistics store, long blockBytes) {
    this.glyphs = glyphs;
    this.store = store;
    this.blockBytes = blockBytes;
    this.tierNames = store.tiers().stream().map(Tier::name).collect(Collectors.toSet());
  }

  /** {@return the lines, without a line end after the last} */
  public String text() {
    List<String> lines = new ArrayList<>();
    box(lines, "engine", List.of("the pools that inference engines registered"));
    List<String> above = new ArrayList<>(outside());
    for (Tier tier : store.tiers()) {
      arrows(lines, above, tier.name());
      box(lines, title(tier), List.of(occupancy(tier), contents(tier)));
      above.add(tier.name());
    }
    return lines.stream().map(line -> INDENT + line).collect(Collectors.joining("\n"));
  }

  /** {@return the ends of roads that are no tier: the engine's side} */
  private List<String> outside() {
    return store.hops().stream().<String>mapMulti((hop, ends) -> {
      ends.accept(hop.from());
      ends.accept(hop.to());
    }).distinct().filter(end -> !tierNames.contains(end)).toList();
  }

  private static String title(Tier tier) {
    return switch (tier.state()) {
      case HEALTHY -> tier.why().isEmpty() ? tier.name() : tier.name() + " (a device is ailing)";
      case READ_ONLY -> tier.name() + " (read-only)";
      case RETIRED -> tier.name() + " (out of service)";
    };
  }

  private String occupancy(Tier tier) {
    double share = tier.slots() == 0 ? 0 : (double) tier.used() / tier.slots();
    return "%s %7s".formatted(glyphs.bar(share, BAR_WIDTH), Numbers.percent(share));
  }

  private String contents(Tier tier) {
    return "%s of %s blocks · %s of %s".formatted(
        Numbers.count(tier.used()), Numbers.count(tier.slots()),
        Numbers.bytes(tier.used() * blockBytes), Numbers.bytes(tier.slots() * blockBytes));
  }

  private void box(List<String> lines, String title, List<String> contents) {
    String line = glyphs.horizontal();
    String head = line + " " + title + " ";
    int rest = Math.max(0, INNER_WIDTH + 2 - head.codePointCount(0, head.length()));
    lines.add(corner(0) + head + line.repeat(rest) + corner(1));
    for (String content : contents) {
      int padding = Math.max(0, INNER_WIDTH - content.codePointCount(0, content.length()));
      lines.add(glyphs.vertical() + " " + content + " ".repeat(padding) + " " + glyphs.vertical());
    }
    lines.add(corner(2) + line.repeat(INNER_WIDTH + 2) + corner(3));
  }

  private String corner(int index) {
    return glyphs.corners().substring(index, index + 1);
  }

  private void arrows(List<String> lines, List<String> above, String tier) {
    Hop up = total(hop -> hop.from().equals(tier) && above.contains(hop.to()));
    Hop down = total(hop -> above.contains(hop.from()) && hop.to().equals(tier));
    lines.add(arrows(glyphs.up(), rate(up), glyphs.vertical(), rate(down)));
    lines.add(arrows(glyphs.vertical(), blocks(up), glyphs.down(), blocks(down)));
  }

  private static String arrows(String upMark, String up, String downMark, String down) {
    return "     %s %-26s %s %s".formatted(upMark, up, downMark, down);
  }

  private Hop total(Predicate<Hop> which) {
    Map<HopCount, Long> sums = new EnumMap<>(HopCount.class);
    store.hops()
        .stream()
        .filter(which)
        .forEach(
            hop -> hop.counts().forEach((count, value) -> sums.merge(count, value, Long::sum)));
    return new Hop("", "", sums);
  }

  private static String rate(Hop hop) {
    return Numbers.rate(hop.gigabytesPerSecond());
  }

  private static String blocks(Hop hop) {
    return Numbers.count(hop.blocks()) + " blocks";
  }
}
