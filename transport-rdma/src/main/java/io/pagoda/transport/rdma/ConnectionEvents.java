package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.RdmaCmEvent;
import com.ibm.disni.verbs.RdmaCmId;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The thread that hears of connections, and that ends their identifiers. */
final class ConnectionEvents {
  static final int ADDRESS = 0;
  static final int ROUTE = 2;
  static final int REQUEST = 4;
  static final int ESTABLISHED = 9;
  static final int REMOVED = 11;
  private static final int MILLIS = 20;

  private static final String[] NAMES = {"the address is known", "no such address can be reached",
    "the way is known", "there is no way there", "a request", "a response",
    "the connection cannot be made", "the peer cannot be reached", "nobody takes connections there",
    "established", "disconnected", "the device was removed", "joined", "not joined",
    "the address has changed", "the wait is over"};

  private final Device device;
  private final Map<RdmaCmId, Heard> ears = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean stopped;

  /** Hears of an identifier. */
  interface Heard {
    /**
     * Something has happened to it.
     *
     * @param event which, as librdmacm numbers it
     * @param status as the event says
     * @param request of a listening one: the identifier of who wants to connect
     */
    void event(int event, int status, @Nullable RdmaCmId request);
  }

  ConnectionEvents(Device device, String name) {
    this.device = device;
    thread = Thread.ofPlatform().daemon().name("rdma-cm-" + name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  boolean here() {
    return thread.equals(Thread.currentThread());
  }

  static String text(int event, int status) {
    String name = event >= 0 && event < NAMES.length ? NAMES[event] : "event " + event;
    return status == 0 ? name : name + " (status " + status + ")";
  }

  void listen(RdmaCmId id, Heard heard) {
    ears.put(id, heard);
  }

  /** Ends an identifier, soon. */
  void end(RdmaCmId id) {
    ears.remove(id);
    tasks.add(() -> {
      try {
        device.cm().destroyCmId(id);
      } catch (IOException e) {
        RdmaTransport.LOG.log(Level.WARNING, "An identifier cannot be ended", e);
      }
    });
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
    while (!stopped || !tasks.isEmpty()) {
      Runnable task = tasks.poll();
      if (task != null) {
        Completions.guarded(task);
      } else {
        Completions.guarded(this::hear);
      }
    }
  }

  private void hear() {
    try {
      RdmaCmEvent event = device.cm().getCmEvent(device.channel(), MILLIS);
      if (event == null) {
        return;
      }
      int type = event.getEvent();
      int status = event.getStatus();
      RdmaCmId id = event.getConnIdPriv();
      boolean request = type == REQUEST;
      Heard heard = ears.get(request ? event.getListenIdPriv() : id);
      event.ackEvent();
      if (heard != null) {
        heard.event(type, status, request ? id : null);
      } else if (request) {
        end(id);
      }
    } catch (IOException e) {
      RdmaTransport.LOG.log(Level.ERROR, "Events of connections cannot be heard", e);
    }
  }
}
