package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.IbvWC;
import com.ibm.disni.verbs.SVCPollCq;
import com.ibm.disni.verbs.SVCReqNotify;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The thread that takes completions: many at once; when there are none it looks for a while, and
 * then sleeps until the device tells of one.
 */
final class Completions {
  private static final int AT_ONCE = 64;
  private static final int MILLIS = 20;
  private static final int GENERATIONS = 0x7fff;

  private final Device device;
  private final long spinNanos;
  private final AtomicReferenceArray<Queue> queues;
  private final ConcurrentLinkedQueue<Runnable> whenEmpty = new ConcurrentLinkedQueue<>();
  private final IbvWC[] found = new IbvWC[AT_ONCE];
  private final Lane.Over over = new Lane.Over();
  private final Thread thread;
  private int generation;
  private volatile boolean stopped;

  Completions(Device device, String name, int most, long spinNanos) {
    this.device = device;
    this.spinNanos = spinNanos;
    queues = new AtomicReferenceArray<>(most);
    Arrays.setAll(found, _ -> new IbvWC());
    thread = Thread.ofPlatform().daemon().name("rdma-" + name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  boolean here() {
    return thread.equals(Thread.currentThread());
  }

  /** {@return a number for a queue pair that no other has, or −1 if there are too many} */
  synchronized int tag() {
    for (int at = 0; at < queues.length(); at++) {
      if (queues.get(at) == null) {
        generation = generation + 1 & GENERATIONS;
        return generation << 16 | at;
      }
    }
    return -1;
  }

  /** Listens to a queue pair; {@code false} if its number was given to another one meanwhile. */
  boolean add(Queue queue) {
    return queues.compareAndSet(queue.tag() & 0xffff, null, queue);
  }

  void remove(Queue queue) {
    queues.compareAndSet(queue.tag() & 0xffff, queue, null);
  }

  /** Does something when all that has completed before was told. */
  void whenEmpty(Runnable task) {
    whenEmpty.add(task);
  }

  void stop() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      SVCPollCq poll = device.verbs().pollCQ(device.cq(), found, AT_ONCE);
      SVCReqNotify notify = device.verbs().reqNotifyCQ(device.cq(), false);
      long lastFound = System.nanoTime();
      boolean armed = false;
      while (!stopped || !whenEmpty.isEmpty()) {
        if (take(poll) > 0) {
          lastFound = System.nanoTime();
        } else if (!emptied() && System.nanoTime() - lastFound > spinNanos) {
          if (armed) {
            armed = !slept();
          } else {
            notify.execute();
            armed = true;
          }
        } else {
          Thread.onSpinWait();
        }
      }
      poll.free();
      notify.free();
    } catch (IOException e) {
      RdmaTransport.LOG.log(Level.ERROR, "The completions of an RDMA device cannot be taken", e);
      broken();
    }
  }

  /** {@return whether the device has told of a completion} */
  private boolean slept() throws IOException {
    if (!device.verbs().getCqEvent(device.completions(), device.cq(), MILLIS)) {
      return false;
    }
    device.verbs().ackCqEvents(device.cq(), 1);
    return true;
  }

  private boolean emptied() {
    Runnable task = whenEmpty.poll();
    if (task == null) {
      return false;
    }
    guarded(task);
    return true;
  }

  private int take(SVCPollCq poll) throws IOException {
    int count = poll.execute().getPolls();
    for (int i = 0; i < count; i++) {
      IbvWC one = found[i];
      int tag = (int) (one.getWr_id() >>> 32);
      Queue queue = queues.get(tag & 0xffff);
      if (queue != null && queue.tag() == tag) {
        told(queue, one);
      }
    }
    return count;
  }

  private void told(Queue queue, IbvWC one) {
    try {
      if (one.getStatus() == 0) {
        queue.completed((int) one.getWr_id(), one.getByte_len(), over);
      } else {
        queue.failed(one.getStatus());
      }
    } catch (RuntimeException | Error e) {
      RdmaTransport.LOG.log(Level.ERROR, "What a completion tells failed", e);
      queue.failed(WorkStatus.GENERAL);
    }
  }

  private void broken() {
    for (int at = 0; at < queues.length(); at++) {
      Queue queue = queues.get(at);
      if (queue != null) {
        queue.failed(WorkStatus.FATAL);
      }
    }
  }

  static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      RdmaTransport.LOG.log(Level.ERROR, "A task of an RDMA transport failed", e);
    }
  }
}
