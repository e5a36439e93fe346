package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Operations by threads that read and write through file channels, and wait. */
final class ChannelPort implements IoPort {
  private static final int THREADS = 64;

  private final List<Path> files;
  private final List<FileChannel> channels;
  private final ScheduledThreadPoolExecutor loop;
  private final ExecutorService workers;
  private final String why;

  private ChannelPort(
      List<Path> files, List<FileChannel> channels, int queueDepth, String name, String why) {
    this.files = files;
    this.why = why;
    this.channels = channels;
    ThreadFactory threads = threads(name);
    this.loop = new ScheduledThreadPoolExecutor(1, threads);
    this.loop.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.workers = Executors.newFixedThreadPool(Math.min(queueDepth, THREADS), threads);
  }

  /**
   * Opens {@code files} for the tier called {@code name}.
   *
   * @param why what made this the engine
   */
  static ChannelPort open(List<Path> files, SsdSettings settings, String name, String why) {
    List<FileChannel> channels = new ArrayList<>();
    try {
      for (Path file : files) {
        channels.add(FileChannel.open(file, options(settings.direct())));
      }
      return new ChannelPort(files, channels, settings.queueDepth(), name, why);
    } catch (IOException | UnsupportedOperationException e) {
      close(channels);
      throw new PagodaException(
          Fault.PERMANENT,
          "Cannot open %s%s: %s".formatted(
              files.get(channels.size()),
              settings.direct() ? " for direct I/O (direct = false does without)" : "", e),
          e);
    }
  }

  /** {@return a maker of the daemon threads of the tier called {@code name}} */
  static ThreadFactory threads(String name) {
    return Thread.ofPlatform()
        .daemon()
        .name("pagoda-ssd-" + name + "-", 0)
        .inheritInheritableThreadLocals(false)
        .factory();
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(() -> run(task));
  }

  /** The executor would keep to itself what a task throws. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      Engine.LOG.log(System.Logger.Level.ERROR, "A task of the tier failed", e);
    }
  }

  @Override
  public void executeAfter(Runnable task, long nanos) {
    Future<?> _ = loop.schedule(() -> run(task), nanos, TimeUnit.NANOSECONDS);
  }

  /** A thread in a system call cannot be called back. */
  @Override
  public void cancel(Op op) {
    // The watch tells if no answer comes.
  }

  @Override
  public void submit(Op op, int bytes) {
    workers.execute(() -> {
      int result = move(op, bytes);
      execute(() -> op.ended(result));
    });
  }

  @Override
  public void close() {
    workers.close();
    loop.close();
    close(channels);
  }

  @Override
  public String toString() {
    return "file channels (" + why + ")";
  }

  private int move(Op op, int bytes) {
    FileChannel channel = channels.get(op.file());
    try {
      ByteBuffer buffer = op.memory(bytes).asByteBuffer();
      return op.write()
          ? channel.write(buffer, op.position())
          : Math.max(0, channel.read(buffer, op.position()));
    } catch (IOException | RuntimeException e) {
      op.causedBy(e);
      return -(op.write() && isFull(files.get(op.file()), bytes) ? Errno.ENOSPC : Errno.EIO).code();
    }
  }

  /** An IOException does not tell its errno: the file system is asked why it refused. */
  private static boolean isFull(Path file, int bytes) {
    try {
      return Files.getFileStore(file).getUsableSpace() < bytes;
    } catch (IOException _) {
      return false;
    }
  }

  private static Set<OpenOption> options(boolean direct) {
    Set<OpenOption> options = new HashSet<>();
    options.add(StandardOpenOption.READ);
    options.add(StandardOpenOption.WRITE);
    if (direct) {
      options.add(directOption());
    }
    return options;
  }

  /** The JDK's only O_DIRECT. javac warns of its package and takes no answer, hence by name. */
  private static OpenOption directOption() {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      return (OpenOption) options.getField("DIRECT").get(null);
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedOperationException("This JDK has no direct I/O", e);
    }
  }

  /** Closes files, and logs what is in the way. */
  static void close(List<FileChannel> channels) {
    for (FileChannel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        Engine.LOG.log(System.Logger.Level.WARNING, "Cannot close a file", e);
      }
    }
  }
}
