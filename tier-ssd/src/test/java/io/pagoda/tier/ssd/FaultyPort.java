package io.pagoda.tier.ssd;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Answers some operations itself, or lets less be moved than was asked, as a script says. */
final class FaultyPort implements IoPort {
  /** Decides what becomes of one submission. */
  @FunctionalInterface
  interface Script {
    /** A submission that is carried out. */
    OptionalInt PASS = OptionalInt.empty();

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
  private final List<Asked> asked = new ArrayList<>();

  FaultyPort(IoPort port, Script script) {
    this.port = port;
    this.script = script;
  }

  /** {@return the submissions so far; for a caller that waited for a completion} */
  List<Asked> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void execute(Runnable task) {
    port.execute(task);
  }

  @Override
  public void submit(Op op, int bytes) {
    OptionalInt answer = script.answer(asked.size(), op, bytes);
    asked.add(new Asked(op.write(), op.position(), bytes));
    int result = answer.orElse(bytes);
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
