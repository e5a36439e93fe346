package io.pagoda.tier.ssd;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * All that a tier writes and syncs and says, in the order of time; and from it, what a device may
 * hold if the power fails at one moment.
 */
final class PowerLog {
  private static final int SECTOR = 512;

  /** Something that took from one moment to another. */
  private static final class Deed {
    final String file;
    final long position;
    final byte[] bytes;
    final int from;
    int until = Integer.MAX_VALUE;

    Deed(String file, long position, byte[] bytes, int from) {
      this.file = file;
      this.position = position;
      this.bytes = bytes;
      this.from = from;
    }
  }

  private record Word(int at, String line) {}

  private final List<Deed> writes = new ArrayList<>();
  private final List<Deed> syncs = new ArrayList<>();
  private final List<Deed> replaced = new ArrayList<>();
  private final Map<Deed, Superblock> superblocks = new HashMap<>();
  private final List<Word> words = new ArrayList<>();
  private final Semaphore holes = new Semaphore(0);
  private int now;

  /** Waits until some hole more is being punched. */
  void awaitHole() throws InterruptedException {
    holes.acquire();
  }

  /** {@return how many moments there were} */
  synchronized int moments() {
    return now;
  }

  /** Notes what the caller of the tier did or was told. */
  synchronized void say(String line) {
    words.add(new Word(now++, line));
  }

  private synchronized Deed begin(List<Deed> kind, String file, long position, byte[] bytes) {
    Deed deed = new Deed(file, position, bytes, now++);
    kind.add(deed);
    return deed;
  }

  private synchronized void end(Deed deed) {
    deed.until = now++;
  }

  private synchronized Deed beginReplacing(Superblock by) {
    Deed deed = begin(replaced, "superblock-" + by.directory(), 0, new byte[0]);
    superblocks.put(deed, by);
    return deed;
  }

  /** {@return what is promised, and what is allowed, at a moment} */
  Expectation expectation(int moment) {
    var expected = new Expectation();
    words.stream().filter(word -> word.at < moment).forEach(word -> expected.follow(word.line));
    return expected;
  }

  /**
   * Returns the files' bytes as a device may have them that lost power at {@code moment}: what a
   * completed sync covers, and of everything else some sectors, in any order.
   *
   * @param lengths how long each file is
   */
  Map<String, byte[]> image(int moment, Map<String, Integer> lengths, Random random) {
    Map<String, byte[]> image = new HashMap<>();
    lengths.forEach((file, bytes) -> image.put(file, new byte[bytes]));
    List<Deed> loose = new ArrayList<>();
    for (Deed write : writes) {
      if (write.from < moment) {
        if (covered(write, moment)) {
          lay(write, image, 0, write.bytes.length);
        } else {
          loose.add(write);
        }
      }
    }
    java.util.Collections.shuffle(loose, random);
    loose.forEach(write -> layLoosely(write, image, random));
    return image;
  }

  /** {@return a superblock that a directory may have at a moment} */
  Superblock superblock(int directory, int moment, Superblock first, Random random) {
    Superblock last = first;
    for (Deed deed : replaced) {
      Superblock by = superblocks.getOrDefault(deed, first);
      boolean there = deed.until < moment || (deed.from < moment && random.nextBoolean());
      if (by.directory() == directory && there) {
        last = by;
      }
    }
    return last;
  }

  private boolean covered(Deed write, int moment) {
    return syncs.stream()
        .anyMatch(
            sync -> sync.file.equals(write.file) && write.until < sync.from && sync.until < moment);
  }

  private static void layLoosely(Deed write, Map<String, byte[]> image, Random random) {
    int how = random.nextInt(4);
    for (int at = 0; how > 0 && at < write.bytes.length;) {
      int sectorEnd = SECTOR - (int) ((write.position + at) % SECTOR);
      int bytes = Math.min(sectorEnd, write.bytes.length - at);
      if (how == 1 || random.nextInt(4) < how) {
        lay(write, image, at, bytes);
      }
      at += bytes;
    }
  }

  private static void lay(Deed write, Map<String, byte[]> image, int from, int bytes) {
    byte[] file = image.get(write.file);
    if (file != null) {
      System.arraycopy(write.bytes, from, file, Math.toIntExact(write.position) + from, bytes);
    }
  }

  /** A port whose writes are slow, of different speeds, and noted. */
  final class Port implements IoPort {
    private final IoPort port;
    private final List<Path> files;
    private final ExecutorService workers = Executors.newFixedThreadPool(6);

    Port(IoPort port, List<Path> files) {
      this.port = port;
      this.files = files;
    }

    @Override
    public void execute(Runnable task) {
      port.execute(task);
    }

    @Override
    public void executeAfter(Runnable task, long nanos) {
      port.executeAfter(task, nanos);
    }

    @Override
    public void cancel(Op op) {
      port.cancel(op);
    }

    @Override
    public void submit(Op op, int bytes) {
      byte[] content = op.memory(bytes).toArray(ValueLayout.JAVA_BYTE);
      Path path = files.get(op.file());
      String file = named(path);
      Deed deed = begin(writes, file, op.position(), content);
      workers.execute(() -> {
        pause(200);
        end(deed);
        port.execute(() -> op.ended(bytes));
      });
    }

    @Override
    public void close() {
      workers.close();
      port.close();
    }
  }

  /** A disk that notes what it is asked, and may leave out a sync. */
  final class Platter implements Disk {
    private final List<Path> files;
    private final List<String> names;
    private final boolean firstSync;
    private final boolean secondSync;

    Platter(List<Path> files, List<String> names, boolean firstSync, boolean secondSync) {
      this.files = files;
      this.names = names;
      this.firstSync = firstSync;
      this.secondSync = secondSync;
    }

    @Override
    public void write(int directory, ByteBuffer records, long position) {
      byte[] content = MemorySegment.ofBuffer(records).toArray(ValueLayout.JAVA_BYTE);
      Deed deed = begin(writes, names.get(directory) + "/records.pagoda", position, content);
      pause(20);
      end(deed);
    }

    @Override
    public void syncRecords(int directory) {
      sync(names.get(directory) + "/records.pagoda", secondSync);
    }

    @Override
    public void syncSlots(int file) {
      Path path = files.get(file);
      sync(named(path), firstSync);
    }

    private void sync(String file, boolean really) {
      if (really) {
        Deed deed = begin(syncs, file, 0, new byte[0]);
        pause(300);
        end(deed);
      }
    }

    @Override
    public void punch(int file, long position, long bytes) {
      byte[] zeros = new byte[Math.toIntExact(bytes)];
      Deed deed = begin(writes, named(files.get(file)), position, zeros);
      holes.release();
      pause(2_000);
      end(deed);
    }

    @Override
    public void replace(Superblock superblock) throws IOException {
      Deed deed = beginReplacing(superblock);
      pause(100);
      end(deed);
    }

    @Override
    public void close() {
      // Nothing to do: it holds nothing.
    }
  }

  /** {@return directory and file} */
  private static String named(Path file) {
    int names = file.getNameCount();
    return file.subpath(names - 2, names).toString();
  }

  private static void pause(int microseconds) {
    LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(microseconds) * 1_000L);
  }
}
