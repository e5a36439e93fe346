package io.pagoda.node.sim;

import io.pagoda.BlockKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/*
 * Of real traces one knows: sessions come independently of each other, their turns at gaps that are
 * near log-normal for people and exponential for programs; lengths are log-normal; few prompts are
 * shared by many; and what comes changes. See Wang et al., "KVCache cache in the wild" (2025).
 */
/**
 * Requests that are made up.
 *
 * @param kind of what
 * @param seed of all that is random
 * @param references how many blocks are asked for, about
 */
public record Workload(Kind kind, long seed, long references) {
  private static final double SESSIONS_PER_SECOND = 2;
  private static final int LONGEST = 400;
  private static final long REFERENCES = 300_000;

  /** Checks the values. */
  public Workload {
    if (references < 1) {
      throw new IllegalArgumentException("At least one block is asked for, not " + references);
    }
  }

  /** What is asked. */
  public enum Kind {
    /** Conversations under shared system prompts. */
    CHAT,
    /** Conversations whose turns are far apart, or never come. */
    SLOW_CHAT,
    /** Programs that go on after seconds. */
    AGENTS,
    /** Conversations beside long prompts that come once. */
    SCANS,
    /** Conversations, and bursts of prompts that come once. */
    BURSTS,
    /** Documents by popularity. */
    DOCUMENTS,
    /** Prompts that come again and again in the same order. */
    LOOP,
    /** Programs, conversations and documents. */
    MIXED,
    /** One kind of traffic after the other. */
    PHASES;

    private List<Traffic> traffic() {
      return switch (this) {
        case CHAT -> List.of(Traffic.CHAT);
        case SLOW_CHAT -> List.of(Traffic.CHAT.withGap(300, 1.5).withTurns(1.6));
        case AGENTS -> List.of(Traffic.AGENTS);
        case SCANS -> List.of(Traffic.CHAT, Traffic.BATCH.weighing(.4));
        case BURSTS -> List.of(
            Traffic.CHAT, Traffic.BATCH.weighing(3).during(.2, .35),
            Traffic.BATCH.weighing(3).during(.6, .75));
        case DOCUMENTS -> List.of(Traffic.DOCUMENTS);
        case LOOP -> List.of(Traffic.DOCUMENTS.withPrompts(700, -1, 12).withTurns(1));
        case MIXED -> List.of(
            Traffic.CHAT, Traffic.AGENTS.weighing(.2), Traffic.DOCUMENTS.weighing(.6),
            Traffic.BATCH.weighing(.1));
        case PHASES -> List.of(
            Traffic.CHAT.during(0, .3), Traffic.DOCUMENTS.during(.25, .5),
            Traffic.AGENTS.during(.45, .7), Traffic.CHAT.withGap(200, 1).during(.65, 1),
            Traffic.BATCH.weighing(.3).during(.8, 1));
      };
    }

    /** {@return what it is called, such as {@code slow-chat}} */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Reads {@code KIND}, {@code KIND:SEED} or {@code KIND:SEED:REFERENCES}.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public static Workload of(String text) {
    String[] parts = text.split(":", -1);
    Kind kind = Arrays.stream(Kind.values())
        .filter(each -> each.word().equals(parts[0]))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(complaint(text)));
    if (parts.length > 3) {
      throw new IllegalArgumentException(complaint(text));
    }
    try {
      long seed = parts.length > 1 ? Long.parseLong(parts[1]) : 1;
      long references = parts.length > 2 ? Long.parseLong(parts[2]) : REFERENCES;
      return new Workload(kind, seed, references);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(complaint(text), e);
    }
  }

  private static String complaint(String text) {
    return "'%s' is not KIND, KIND:SEED or KIND:SEED:REFERENCES; the kinds are %s".formatted(
        text, Arrays.stream(Kind.values()).map(Kind::word).collect(Collectors.joining(", ")));
  }

  /** {@return the requests} */
  public SimTrace trace() {
    return SimTrace.of(new Run(this).requests());
  }

  /** What grows. */
  private record Session(Traffic traffic, List<Long> blocks, double at) {}

  private static final class Run {
    private final Workload workload;
    private final List<Traffic> kinds;
    private final SplittableRandom random;
    private final List<BlockKeys> requests = new ArrayList<>();
    private final List<List<List<Long>>> prompts = new ArrayList<>();
    private final List<double[]> popularity = new ArrayList<>();
    private final int[] turn;
    private final PriorityQueue<Session> waiting =
        new PriorityQueue<>(Comparator.comparingDouble(Session::at));
    private long asked;
    private long lastBlock;

    Run(Workload workload) {
      this.workload = workload;
      kinds = workload.kind.traffic();
      random = new SplittableRandom(workload.seed);
      turn = new int[kinds.size()];
      for (Traffic traffic : kinds) {
        List<List<Long>> shared = new ArrayList<>();
        double[] sums = new double[traffic.prompts()];
        double sum = 0;
        for (int i = 0; i < traffic.prompts(); i++) {
          shared.add(blocks(lengths(traffic.promptBlocks(), traffic.spread())));
          sum += Math.pow(i + 1, -Math.max(0, traffic.skew()));
          sums[i] = sum;
        }
        prompts.add(shared);
        popularity.add(sums);
      }
    }

    List<BlockKeys> requests() {
      double next = 0;
      while (asked < workload.references) {
        if (waiting.isEmpty() || waiting.peek().at > next) {
          ask(begin(next));
          next += exponential() / SESSIONS_PER_SECOND;
        } else {
          ask(waiting.remove());
        }
      }
      return requests;
    }

    private double exponential() {
      return -Math.log(1 - random.nextDouble());
    }

    private int lengths(double middle, double deviation) {
      if (middle == 0) {
        return 0;
      }
      return Math
          .clamp(Math.round(middle * Math.exp(deviation * random.nextGaussian())), 1, LONGEST / 2);
    }

    private List<Long> blocks(int count) {
      List<Long> blocks = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        blocks.add(++lastBlock);
      }
      return blocks;
    }

    private Session begin(double at) {
      int kind = kind();
      Traffic traffic = kinds.get(kind);
      List<Long> blocks = new ArrayList<>(prompts.get(kind).get(prompt(kind, traffic)));
      blocks.addAll(blocks(lengths(traffic.firstBlocks(), traffic.spread())));
      return new Session(traffic, blocks, at);
    }

    private int kind() {
      double part = (double) asked / workload.references;
      double sum = 0;
      for (Traffic traffic : kinds) {
        sum += weight(traffic, part);
      }
      double point = random.nextDouble() * sum;
      int last = 0;
      for (int i = 0; i < kinds.size() && point >= 0; i++) {
        double weight = weight(kinds.get(i), part);
        last = weight > 0 ? i : last;
        point -= weight;
      }
      return last;
    }

    private static double weight(Traffic traffic, double part) {
      return part >= traffic.from() && part <= traffic.until() ? traffic.weight() : 0;
    }

    private int prompt(int kind, Traffic traffic) {
      if (traffic.skew() < 0) {
        return turn[kind]++ % traffic.prompts();
      }
      double[] sums = popularity.get(kind);
      double point = random.nextDouble() * sums[sums.length - 1];
      int at = Arrays.binarySearch(sums, point);
      return Math.min(sums.length - 1, at < 0 ? -at - 1 : at);
    }

    /** Asks for a session's blocks and one that is not full yet; the session may go on. */
    private void ask(Session session) {
      List<Long> asks = new ArrayList<>(session.blocks);
      asks.add(++lastBlock);
      requests.add(SimTrace.keys(asks));
      asked += asks.size();
      Traffic traffic = session.traffic;
      if (random.nextDouble() < 1 / traffic.turns() || session.blocks.size() > LONGEST) {
        return;
      }
      session.blocks.addAll(blocks(lengths(traffic.moreBlocks(), traffic.spread())));
      double gap = traffic.gapSpread() == 0
          ? traffic.gap() * exponential()
          : traffic.gap() * Math.exp(traffic.gapSpread() * random.nextGaussian());
      waiting.add(new Session(traffic, session.blocks, session.at + gap));
    }
  }
}
