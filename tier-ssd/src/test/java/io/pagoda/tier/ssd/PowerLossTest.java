package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The power fails at any moment; the device has what was synced, and of the rest what it likes. */
class PowerLossTest {
  private static final int SLOTS = 24;
  private static final int IN_FLIGHT = 5;
  private static final int STORES = 150;

  @TempDir(factory = MemoryDirectory.class) private Path root;

  private SsdSettings settings(String name, boolean holes) {
    Path place = root.resolve(name);
    SsdSettings settings =
        Vault.settings(Durability.POWER, SLOTS, place.resolve("a"), place.resolve("b"));
    return holes ? settings.punching() : settings;
  }

  /** {@return few trials, or those of the profile {@code long-tests}} */
  private static int runs() {
    return Boolean.getBoolean("pagoda.test.long") ? 40 : 2;
  }

  @Test
  void losesNoAcknowledgedBlock() throws Exception {
    long seed = Long.getLong("pagoda.seed", System.nanoTime());
    int trials = 0;
    int verified = 0;
    for (int run = 0; run < runs(); run++) {
      Trials made = new Trials(seed + run, "run-" + run, true, true, run % 2 == 1);
      for (int i = 0; i < 300; i++) {
        verified += made.one();
        trials++;
      }
    }
    System.out.printf(
        "power lost %d times; %d blocks found and right (seed %d)%n", trials, verified, seed);
    assertTrue(verified > trials, "seed " + seed + ": only " + verified + " blocks were found");
  }

  /** The test can fail: without the first sync a record may be there before its block. */
  @Test
  void noticesThatTheFirstSyncIsLeftOut() throws Exception {
    assertTrue(violations(false, true) > 0);
  }

  @Test
  void noticesThatTheSecondSyncIsLeftOut() throws Exception {
    assertTrue(violations(true, false) > 0);
  }

  private int violations(boolean firstSync, boolean secondSync) throws Exception {
    Trials made = new Trials(5, "broken", firstSync, secondSync, false);
    int violations = 0;
    for (int i = 0; i < 60; i++) {
      try {
        made.one();
      } catch (AssertionError e) {
        violations++;
      }
    }
    return violations;
  }

  /** One run of a tier, and many ways in which it may have ended. */
  private final class Trials {
    private final long seed;
    private final Random random;
    private final PowerLog log = new PowerLog();
    private final SsdSettings settings;
    private final List<Superblock> first = new ArrayList<>();
    private final Map<String, Integer> lengths = new HashMap<>();
    private final Map<Integer, Superblock> there = new HashMap<>();
    private int trial;
    private int ports;

    Trials(long seed, String name, boolean firstSync, boolean secondSync, boolean holes)
        throws Exception {
      this.seed = seed;
      this.random = new Random(seed);
      this.settings = settings(name, holes);
      List<Path> files = paths();
      try (var vault = Vault.open(
          settings, port -> log.new Port(port, ports++ == 0 ? first(files) : second(files)),
          disk -> closing(
              disk, log.new Platter(files, List.of("a", "b"), firstSync, secondSync)))) {
        note();
        work(vault);
      }
    }

    private List<Path> first(List<Path> files) {
      return files.subList(0, settings.layout().filesIn(0));
    }

    private List<Path> second(List<Path> files) {
      return files.subList(settings.layout().filesIn(0), files.size());
    }

    private static Disk closing(Disk real, Disk noted) {
      real.close();
      return noted;
    }

    private List<Path> paths() {
      List<Path> files = new ArrayList<>();
      for (Path directory : settings.directories()) {
        for (int i = 0; i < settings.layout()
            .filesIn(settings.directories().indexOf(directory)); i++) {
          files.add(directory.resolve("slots-%05d.pagoda".formatted(i)));
        }
      }
      return files;
    }

    private void note() throws Exception {
      for (Path directory : settings.directories()) {
        first.add(Superblock.read(directory).orElseThrow());
        try (var files = Files.list(directory)) {
          for (Path file : files.filter(one -> one.toString().matches(".*(slots|records).*"))
              .toList()) {
            lengths.put(directory.getFileName() + "/" + file.getFileName(), (int) Files.size(file));
          }
        }
      }
    }

    private void work(Vault vault) throws InterruptedException {
      var room = new Semaphore(IN_FLIGHT);
      var free = new ArrayDeque<Integer>();
      for (int slot = 0; slot < SLOTS; slot++) {
        free.add(slot);
      }
      for (int i = 0; i < STORES; i++) {
        room.acquire();
        int[] slots = new int[1 + random.nextInt(4)];
        long[] names = new long[slots.length];
        synchronized (free) {
          for (int k = 0; k < slots.length; k++) {
            slots[k] = free.remove();
            names[k] = 10L * i + k + 1;
            log.say("I %d %d".formatted(slots[k], names[k]));
          }
        }
        vault.storing(slots, names, result -> {
          assertEquals(BatchResult.COMPLETE, result);
          synchronized (free) {
            for (int k = 0; k < slots.length; k++) {
              log.say("A %d %d".formatted(slots[k], names[k]));
              free.add(slots[k]);
            }
          }
          room.release();
        });
        forget(vault, free, room);
        if (settings.punchHole() && i % (STORES / 3) == 0) {
          forgetAll(vault, room);
        } else if (settings.punchHole() && i % (STORES / 3) == 4) {
          log.awaitHole();
        }
      }
      room.acquire(IN_FLIGHT);
    }

    private void forget(Vault vault, ArrayDeque<Integer> free, Semaphore room)
        throws InterruptedException {
      int dice = random.nextInt(50);
      if (dice < 3) {
        synchronized (free) {
          int slot = free.element();
          log.say("F " + slot);
          vault.keeper().forget(slot);
        }
      } else if (dice == 3) {
        forgetAll(vault, room);
      }
    }

    private void forgetAll(Vault vault, Semaphore room) throws InterruptedException {
      room.acquire(IN_FLIGHT);
      log.say("G");
      vault.keeper().forgetAll().toCompletableFuture().join();
      log.say("g");
      room.release(IN_FLIGHT);
    }

    /** Lets the power fail once, and looks at what is left. */
    int one() throws IOException {
      int moment = random.nextInt(log.moments() + 1);
      trial++;
      for (int i = 0; i < first.size(); i++) {
        Superblock superblock = log.superblock(i, moment, first.get(i), random);
        if (!superblock.equals(there.put(i, superblock))) {
          superblock.replaceIn(settings.directories().get(i));
        }
      }
      for (var file : log.image(moment, lengths, random).entrySet()) {
        Files.write(
            settings.directories().getFirst().resolveSibling(file.getKey()), file.getValue());
      }
      try (var vault = Vault.open(settings)) {
        return log.expectation(moment).check(vault);
      } catch (AssertionError e) {
        throw new AssertionError("seed %d, trial %d, moment %d".formatted(seed, trial, moment), e);
      }
    }
  }
}
