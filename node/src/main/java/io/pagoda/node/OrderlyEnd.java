package io.pagoda.node;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command close what it opened, also when the process is told to end, by ctrl-C say: the
 * thread that began it is interrupted, and the process waits until it is closed.
 */
final class OrderlyEnd implements AutoCloseable {
  /** A device that hangs must not keep the process. */
  private static final int PATIENCE_SECONDS = 10;

  private final Thread command = Thread.currentThread();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread atExit = new Thread(this::interruptAndWait, "orderly end");

  private OrderlyEnd() {}

  /** Begins to watch over this thread; closed when nothing is open any more. */
  static OrderlyEnd begin() {
    OrderlyEnd end = new OrderlyEnd();
    Runtime.getRuntime().addShutdownHook(end.atExit);
    return end;
  }

  private void interruptAndWait() {
    command.interrupt();
    try {
      if (!closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        System.getLogger(OrderlyEnd.class.getName())
            .log(
                System.Logger.Level.WARNING,
                "Not everything was closed within " + PATIENCE_SECONDS + " s; files may be left");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException _) {
      // The process is ending, and does not wait any longer.
    }
  }
}
