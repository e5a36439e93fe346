package io.pagoda.tier.ssd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers some operations itself, or lets less be moved than was asked, as a script says. */
final class FaultyPort implements IoPort {
  /** Decides what becomes of one submission. */
  @FunctionalInterface
  interface Script {
    /** A submission that is carried out. */
    OptionalInt PASS = OptionalInt.empty();

    /** The answer to a submission that never comes. */
    int NEVER = Integer.MIN_VALUE;

    /**
     * Returns the answer: a negative errno or 0 is given as it is, a positive number is how many
     * bytes are really moved.
     *
     * @param submission how many there were before
     */
    OptionalInt answer(int submission, Op op, int bytes);
  }

  /** What was asked for. */
  record Asked(boolean write, long position, int bytes) {}

  private final IoPort port;
  private final Script script;
  private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
  private final Set<Op> hung = ConcurrentHashMap.newKeySet();
  private final List<Op> cancelled = new CopyOnWriteArrayList<>();
  private final AtomicInteger late = new AtomicInteger();
  private volatile boolean cancels = true;

  FaultyPort(IoPort port, Script script) {
    this.port = port;
    this.script = script;
  }

  /** Does not answer cancels either, from now on. */
  void refuseCancels() {
    cancels = false;
  }

  /** Answers what was left unanswered, in the thread that asks: nothing is left out. */
  void answerAll(int result) {
    port.execute(() -> {
      List<Op> answered = List.copyOf(hung);
      hung.clear();
      answered.forEach(op -> op.ended(result));
    });
  }

  /** {@return how often a cancel was asked for of what is left unanswered} */
  int cancels() {
    return cancelled.size();
  }

  /** {@return how often a cancel was asked for of what is carried out, and slowly so} */
  int late() {
    return late.get();
  }

  /** {@return the submissions so far; for a caller that waited for a completion} */
  List<Asked> asked() {
    synchronized (asked) {
      return List.copyOf(asked);
    }
  }

  @Override
  public void execute(Runnable task) {
    port.execute(task);
  }

  @Override
  public void executeAfter(Runnable task, long nanos) {
    port.executeAfter(task, nanos);
  }

  /**
   * What was to be left unanswered is answered now, as a kernel does that could cancel it. What is
   * carried out is too far gone for that, as on a machine that stood still.
   */
  @Override
  public void cancel(Op op) {
    if (!hung.contains(op)) {
      late.incrementAndGet();
      return;
    }
    cancelled.add(op);
    if (cancels) {
      hung.remove(op);
      port.execute(() -> op.ended(-Errno.ECANCELED.code()));
    }
  }

  @Override
  public void submit(Op op, int bytes) {
    OptionalInt answer = script.answer(asked.size(), op, bytes);
    asked.add(new Asked(op.write(), op.position(), bytes));
    int result = answer.orElse(bytes);
    if (result == Script.NEVER) {
      hung.add(op);
      return;
    }
    if (result > 0) {
      port.submit(op, result);
    } else {
      port.execute(() -> op.ended(result));
    }
  }

  @Override
  public void close() {
    port.close();
  }
}
