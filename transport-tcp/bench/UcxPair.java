import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import org.openucx.jucx.UcxCallback;
import org.openucx.jucx.ucp.UcpContext;
import org.openucx.jucx.ucp.UcpEndpoint;
import org.openucx.jucx.ucp.UcpEndpointParams;
import org.openucx.jucx.ucp.UcpMemMapParams;
import org.openucx.jucx.ucp.UcpMemory;
import org.openucx.jucx.ucp.UcpParams;
import org.openucx.jucx.ucp.UcpRemoteKey;
import org.openucx.jucx.ucp.UcpRequest;
import org.openucx.jucx.ucp.UcpWorker;
import org.openucx.jucx.ucp.UcpWorkerParams;

/**
 * A yardstick for transports: one-sided puts and gets of UCX, from memory to memory of one process
 * by two workers with a thread each, as UCX does them with the transports in {@code UCX_TLS}.
 *
 * <p>Reads lines {@code put|get SIZE COUNT BATCHES}. A batch posts COUNT blocks of SIZE bytes,
 * which lie the other way round at the other side, and flushes. Answers with a line of the
 * nanoseconds that every batch took, after one that does not count, and behind them how many bytes
 * are wrong. Between lines neither thread runs.
 */
public final class UcxPair {
  private static final long FACTOR = 0x9e3779b97f4a7c15L;

  private final Semaphore begun = new Semaphore(0);
  private final Semaphore ended = new Semaphore(0);
  private volatile boolean busy;
  private final UcpWorker here;
  private final UcpWorker there;
  private final UcpEndpoint link;
  private final MemorySegment local;
  private final MemorySegment remote;
  private final UcpRemoteKey key;

  private UcxPair(long bytes) throws Exception {
    UcpContext active = new UcpContext(new UcpParams().requestRmaFeature());
    UcpContext passive = new UcpContext(new UcpParams().requestRmaFeature());
    local = Arena.global().allocate(bytes, 4_096);
    remote = Arena.global().allocate(bytes, 4_096);
    map(active, local);
    UcpMemory exposed = map(passive, remote);
    here = active.newWorker(new UcpWorkerParams());
    there = passive.newWorker(new UcpWorkerParams());
    link = here.newEndpoint(new UcpEndpointParams().setUcpAddress(there.getAddress()));
    ByteBuffer packed = exposed.getRemoteKeyBuffer();
    key = link.unpackRemoteKey(packed);
    Thread.ofPlatform().daemon().name("passive").start(this::serve);
  }

  private static UcpMemory map(UcpContext context, MemorySegment memory) {
    return context.memoryMap(
        new UcpMemMapParams().setAddress(memory.address()).setLength(memory.byteSize()));
  }

  public static void main(String[] arguments) throws Exception {
    UcxPair pair = new UcxPair(Long.parseLong(arguments[0]));
    System.out.println("ready");
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          pair.run(
              words[0].equals("get"), Long.parseLong(words[1]), Integer.parseInt(words[2]),
              Integer.parseInt(words[3])));
    }
    Runtime.getRuntime().halt(0); // UCX's own end would wait for a worker that nobody runs
  }

  /** Runs the passive side while there is something to run it for. */
  private void serve() {
    try {
      while (true) {
        begun.acquire();
        while (busy) {
          there.progress();
        }
        ended.release();
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private String run(boolean get, long size, int count, int batches) throws Exception {
    MemorySegment source = (get ? remote : local).asSlice(0, size * count);
    MemorySegment target = (get ? local : remote).asSlice(0, size * count);
    for (long at = 0; at < source.byteSize(); at += Long.BYTES) {
      source.set(ValueLayout.JAVA_LONG, at, (at + 1) * FACTOR);
    }
    target.fill((byte) 0);
    StringBuilder said = new StringBuilder();
    busy = true;
    begun.release();
    for (int i = 0; i <= batches; i++) {
      long began = System.nanoTime();
      batch(get, size, count);
      if (i > 0) {
        said.append(System.nanoTime() - began).append(' ');
      }
    }
    busy = false;
    ended.acquire();
    return said.append(wrong(source, target, size, count)).toString();
  }

  private void batch(boolean get, long size, int count) throws Exception {
    for (int i = 0; i < count; i++) {
      long at = local.address() + i * size;
      long other = remote.address() + (count - 1L - i) * size;
      if (get) {
        link.getNonBlockingImplicit(other, key, at, size);
      } else {
        link.putNonBlockingImplicit(at, size, other, key);
      }
    }
    UcpRequest flush = link.flushNonBlocking(new Failing());
    while (!flush.isCompleted()) {
      here.progress();
    }
  }

  private static final class Failing extends UcxCallback {
    @Override
    public void onError(int status, String why) {
      throw new IllegalStateException(why);
    }
  }

  private static long wrong(MemorySegment source, MemorySegment target, long size, int count) {
    long wrong = 0;
    for (int i = 0; i < count; i++) {
      MemorySegment sent = source.asSlice(i * size, size);
      boolean right = sent.mismatch(target.asSlice((count - 1L - i) * size, size)) < 0;
      wrong += right ? 0 : size;
    }
    return wrong;
  }
}
