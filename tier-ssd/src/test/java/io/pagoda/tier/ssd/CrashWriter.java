package io.pagoda.tier.ssd;

import io.pagoda.spi.tier.BatchResult;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A process that stores blocks until it dies, and says on its standard output what it begins and
 * what was acknowledged. It may be told to die at a step of a commit.
 */
final class CrashWriter {
  static final int SLOTS = 40;

  private static final int IN_FLIGHT = 4;

  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final Semaphore room = new Semaphore(IN_FLIGHT);
  private final Random random;
  private final String step;
  private int stepsLeft;
  private long name;

  private CrashWriter(long seed, String step) {
    this.random = new Random(seed);
    this.step = step;
    this.stepsLeft = 1 + random.nextInt(step.contains("superblock") ? 1 : 12);
    this.name = seed << 20;
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < SLOTS; i++) {
      slots.add(i);
    }
    Collections.shuffle(slots, random);
    free.addAll(slots);
  }

  /** Arguments: durability, seed, a step or {@code none}, directory. */
  public static void main(String[] arguments) throws Exception {
    Durability durability = Durability.valueOf(arguments[0]);
    SsdSettings settings = settings(durability, Path.of(arguments[3]));
    if (arguments[2].equals("hold")) {
      hold(settings);
    }
    var writer = new CrashWriter(Long.parseLong(arguments[1]), arguments[2]);
    writer.write(Vault.open(settings, writer::before, writer::before));
  }

  static SsdSettings settings(Durability durability, Path directory) {
    return new SsdSettings(
        List.of(directory.resolve("a"), directory.resolve("b")), SLOTS, Vault.BLOCK, 15, 32,
        Engine.AUTO, true, false).keeping(durability, OnMismatch.REFUSE);
  }

  private static void hold(SsdSettings settings) throws InterruptedException {
    try (var _ = SsdTier.open(settings, "held")) {
      System.out.println("held");
      new CountDownLatch(1).await(60, TimeUnit.SECONDS); // until it is killed
    }
  }

  private void write(Vault vault) throws InterruptedException {
    while (true) {
      int dice = random.nextInt(step.contains("superblock") ? 20 : 200);
      if (dice == 0) {
        forgetAll(vault);
      } else if (dice < 10) {
        forget(vault);
      } else {
        store(vault, 1 + random.nextInt(6));
      }
    }
  }

  private void store(Vault vault, int blocks) throws InterruptedException {
    room.acquire();
    int[] slots = new int[blocks];
    long[] names = new long[blocks];
    StringBuilder begun = new StringBuilder();
    StringBuilder acknowledged = new StringBuilder();
    synchronized (free) {
      for (int i = 0; i < blocks; i++) {
        slots[i] = free.remove();
        names[i] = ++name;
        begun.append("I %d %d\n".formatted(slots[i], names[i]));
        acknowledged.append("A %d %d\n".formatted(slots[i], names[i]));
      }
    }
    say(begun);
    vault.storing(slots, names, result -> {
      if (!(result instanceof BatchResult.Complete)) {
        Runtime.getRuntime().halt(3);
      }
      say(acknowledged);
      synchronized (free) {
        for (int slot : slots) {
          free.add(slot);
        }
      }
      room.release();
    });
  }

  private void forget(Vault vault) {
    synchronized (free) {
      int slot = free.element();
      say("F " + slot + "\n");
      vault.keeper().forget(slot);
    }
  }

  private void forgetAll(Vault vault) throws InterruptedException {
    room.acquire(IN_FLIGHT);
    say("G\n");
    vault.keeper().forgetAll().toCompletableFuture().join();
    say("g\n");
    room.release(IN_FLIGHT);
  }

  private void say(CharSequence lines) {
    try {
      out.write(lines.toString().getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      Runtime.getRuntime().halt(4);
    }
  }

  private void at(String here) {
    if (here.equals(step) && --stepsLeft <= 0) {
      Runtime.getRuntime().halt(7);
    }
  }

  /** Dies while bytes of a block are on their way. */
  private IoPort before(IoPort port) {
    return new IoPort() {
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
        port.submit(op, bytes);
        at("in-data");
      }

      @Override
      public void close() {
        port.close();
      }
    };
  }

  private Disk before(Disk disk) {
    return new PassingDisk(disk) {
      @Override
      public void write(int directory, ByteBuffer records, long position) throws IOException {
        at("before-record");
        if (step.equals("in-record") && stepsLeft == 1) {
          disk.write(directory, records.slice(0, records.limit() / 2), position);
        }
        at("in-record");
        disk.write(directory, records, position);
        at("after-record");
      }

      @Override
      public void syncRecords(int directory) throws IOException {
        at("before-second-sync");
        disk.syncRecords(directory);
        at("after-second-sync");
      }

      @Override
      public void syncSlots(int file) throws IOException {
        at("before-first-sync");
        disk.syncSlots(file);
        at("after-first-sync");
      }

      @Override
      public void replace(Superblock superblock) throws IOException {
        at("before-superblock");
        disk.replace(superblock);
        at("after-superblock");
      }
    };
  }
}
