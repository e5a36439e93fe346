package io.pagoda.core.trace;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.StoreStatistics.Trace;
import io.pagoda.core.trace.TraceHeader.Run;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/*
 * Callers leave lines in a queue and go on: no lock, no system call. A thread of its own takes them
 * out when the oldest has waited long enough, or, woken by the caller who brought it there, when
 * the queue is half full. A line that finds the queue full is dropped and counted.
 */
/**
 * Writes the lines of a trace.
 *
 * <p><b>Threads.</b> Any thread may add lines, and none waits.
 *
 * <p><b>Failures.</b> What cannot be written ends the trace, with one warning; nobody else notices.
 */
final class TraceWriter implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(TraceWriter.class.getName());

  /** What the queue may weigh, in bytes, about. */
  private static final long CAPACITY = 32 << 20;

  private static final int LINE_BYTES = 128;
  private static final int KEY_BYTES = 16;
  private static final int CHUNK_BYTES = 1 << 16;

  private final TraceSettings settings;
  private final TraceFiles files;
  private final Queue<TraceLine> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong weight = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong lines = new AtomicLong();
  private final AtomicLong numbers = new AtomicLong();
  private final ByteArrayOutputStream chunk = new ByteArrayOutputStream(2 * CHUNK_BYTES);
  private final long startNanos = System.nanoTime();
  private final Thread thread;
  private long droppedTold;
  private volatile boolean closed;
  private volatile String failure = "";

  TraceWriter(TraceSettings settings, TraceFiles files) {
    this.settings = settings;
    this.files = files;
    this.thread = Thread.ofPlatform().daemon().name("pagoda-trace").unstarted(this::write);
  }

  /**
   * Begins a trace.
   *
   * @throws PagodaException if its file cannot be written
   */
  static TraceWriter open(TraceSettings settings, TraceHeader header) {
    try {
      var run = new Run(UUID.randomUUID().toString(), Instant.now());
      var writer = new TraceWriter(settings, TraceFiles.open(settings, header, run));
      writer.start();
      return writer;
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "Cannot write the request trace %s (pagoda.trace.file): %s".formatted(settings.file(), e),
          e);
    }
  }

  void start() {
    thread.start();
  }

  /** {@return the first of {@code count} numbers that nobody else has} */
  long numbers(int count) {
    return numbers.getAndAdd(count);
  }

  /** {@return the time of the trace, in microseconds} */
  long micros() {
    return micros(System.nanoTime());
  }

  /** {@return the time of the trace at a time of the system, in microseconds} */
  long micros(long nanoTime) {
    return (nanoTime - startNanos) / 1000;
  }

  /** Leaves a line to be written. */
  void add(TraceLine line) {
    long heavy = weight(line);
    long before = weight.getAndAdd(heavy);
    if (closed || !failure.isEmpty() || before + heavy > CAPACITY) {
      weight.addAndGet(-heavy);
      dropped.incrementAndGet();
      return;
    }
    queue.add(line);
    if (before < CAPACITY / 2 && before + heavy >= CAPACITY / 2) {
      LockSupport.unpark(thread);
    }
  }

  private static long weight(TraceLine line) {
    return LINE_BYTES + (long) KEY_BYTES * line.keyCount();
  }

  private void write() {
    while (!closed) {
      LockSupport.parkNanos(this, settings.flush().toNanos());
      drain();
    }
    drain();
  }

  private void drain() {
    try {
      for (TraceLine line = queue.poll(); line != null; line = queue.poll()) {
        weight.addAndGet(-weight(line));
        append(line);
      }
      tellDropped();
      passOn();
    } catch (IOException | RuntimeException e) {
      fail(e);
    }
  }

  private void append(TraceLine line) throws IOException {
    byte[] bytes = TraceText.of(line).line();
    if (chunk.size() + bytes.length > CHUNK_BYTES) {
      passOn();
    }
    chunk.write(bytes, 0, bytes.length);
    lines.incrementAndGet();
  }

  private void tellDropped() throws IOException {
    long all = dropped.get();
    if (all > droppedTold) {
      append(new TraceLine.Dropped(micros(), all - droppedTold));
      droppedTold = all;
    }
  }

  private void passOn() throws IOException {
    if (chunk.size() > 0) {
      byte[] bytes = chunk.toByteArray();
      chunk.reset();
      files.write(bytes, bytes.length);
    }
  }

  private void fail(Exception e) {
    if (failure.isEmpty()) {
      failure = e.toString();
      LOG.log(
          System.Logger.Level.WARNING,
          "The request trace {0} ends here, since it cannot be written: {1}; requests go on",
          settings.file(), failure);
    }
    for (TraceLine line = queue.poll(); line != null; line = queue.poll()) {
      weight.addAndGet(-weight(line));
      dropped.incrementAndGet();
    }
  }

  /** {@return what became of the trace so far} */
  Trace statistics() {
    return new Trace(lines.get(), dropped.get(), failure);
  }

  /** Writes what is left, and closes the file; a second call does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
      files.close();
    } catch (IOException e) {
      fail(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
