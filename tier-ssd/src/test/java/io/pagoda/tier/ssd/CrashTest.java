package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that die while they store, and what the next one finds. */
class CrashTest {
  private static final long SEED = Long.getLong("pagoda.seed", System.nanoTime() & 0xffff_ffffL);

  @TempDir private Path directory;

  /** {@return few rounds, or those of the profile {@code long-tests}} */
  private static int rounds() {
    return Boolean.getBoolean("pagoda.test.long") ? 50 : 3;
  }

  private Process writer(Durability durability, long seed, String step) throws IOException {
    String classes = String.join(
        File.pathSeparator, "target/test-classes", "target/classes",
        System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path", ""));
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "-Xmx256m", "-Djava.util.logging.config.file=src/test/resources/logging.properties", "-cp",
        classes, CrashWriter.class.getName(), durability.name(), Long.toString(seed), step,
        directory.toString()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /**
   * Reads what a writer says until it is dead; {@code first} is run when the first of its stores
   * was acknowledged, however long that took.
   */
  private static void follow(Process writer, Expectation expected, Runnable first)
      throws IOException {
    try (var lines = writer.inputReader()) {
      boolean begun = false;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        expected.follow(line);
        if (!begun && line.startsWith("A ")) {
          begun = true;
          first.run();
        }
      }
    }
  }

  private static void killLater(Process writer, int milliseconds) {
    Thread.ofPlatform().start(() -> {
      try {
        if (writer.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      // Not the process itself, which would close its output before it is read.
      writer.toHandle().destroyForcibly();
    });
  }

  private int check(Durability durability, Expectation expected, String what) {
    try (var vault = Vault.open(CrashWriter.settings(durability, directory))) {
      return expected.check(vault);
    } catch (AssertionError e) {
      throw new AssertionError(what, e);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Durability.class, names = {"CRASH", "POWER"})
  void findsEveryAcknowledgedBlockAfterAKill(Durability durability) throws Exception {
    var random = new Random(SEED);
    var expected = new Expectation();
    int verified = 0;
    for (int round = 1; round <= rounds(); round++) {
      Process writer = writer(durability, SEED + round, "none");
      int milliseconds = random.nextInt(400);
      follow(writer, expected, () -> killLater(writer, milliseconds));
      assertEquals(128 + 9, writer.waitFor(), "ended by itself");
      verified += check(durability, expected, "seed " + SEED + ", round " + round);
    }
    System.out.printf(
        "%s: killed %d times; %d stores acknowledged, %d blocks found and right (seed %d)%n",
        durability, rounds(), expected.acknowledged(), verified, SEED);
    assertTrue(verified > 0, "seed " + SEED + ": no block was found");
  }

  @ParameterizedTest
  @CsvSource({"CRASH, in-data", "CRASH, before-record", "CRASH, in-record", "CRASH, after-record",
    "CRASH, before-superblock", "CRASH, after-superblock", "POWER, before-first-sync",
    "POWER, after-first-sync", "POWER, in-record", "POWER, before-second-sync",
    "POWER, after-second-sync"})
  void findsEveryAcknowledgedBlockAfterAHalt(Durability durability, String step) throws Exception {
    var expected = new Expectation();
    for (int round = 1; round <= (rounds() + 9) / 10; round++) {
      Process writer = writer(durability, SEED + round, step);
      follow(writer, expected, () -> {});
      assertEquals(7, writer.waitFor(), "seed " + SEED);
      check(durability, expected, "seed " + SEED);
    }
  }

  @ParameterizedTest
  @EnumSource(Durability.class)
  void refusesADirectoryThatAnotherProcessUses(Durability durability) throws Exception {
    Process holder = writer(durability, SEED, "hold");
    List<String> said = new ArrayList<>();
    try (var lines = holder.inputReader()) {
      said.add(lines.readLine());
      var settings = CrashWriter.settings(durability, directory);
      var e = assertThrows(PagodaException.class, () -> SsdTier.open(settings, "t").close());
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("in use by process " + holder.pid() + ";"), message);
    } finally {
      holder.destroyForcibly();
    }
    assertTrue(holder.waitFor(30, TimeUnit.SECONDS));
    assertEquals(List.of("held"), said);
    SsdTier.open(CrashWriter.settings(durability, directory), "t").close();
  }
}
