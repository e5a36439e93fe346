package io.pagoda.tier.ssd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.spi.tier.BatchResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An erasure that could not be written is tried again, unless something has come since. */
@Timeout(300)
class RetriesTest {
  @TempDir Path directory;

  private final List<Integer> told = new ArrayList<>();
  private final List<Runnable> due = new ArrayList<>();
  private final List<Duration> pauses = new ArrayList<>();
  private final Retries retries = new Retries((what, pause) -> {
    due.add(what);
    pauses.add(pause);
  }, told::add);

  /** Fails to write records some times. */
  private static final class Failing extends PassingDisk {
    private final CountDownLatch failures;
    private final CountDownLatch successes = new CountDownLatch(1);

    Failing(Disk disk, int failures) {
      super(disk);
      this.failures = new CountDownLatch(failures);
    }

    @Override
    public void write(int directory, ByteBuffer records, long position) throws IOException {
      if (failures.getCount() > 0) {
        failures.countDown();
        throw new IOException("no");
      }
      super.write(directory, records, position);
      successes.countDown();
    }

    void awaitSuccess() throws InterruptedException {
      assertTrue(successes.await(60, TimeUnit.SECONDS), () -> failures.getCount() + " are left");
    }
  }

  @ParameterizedTest
  @EnumSource(value = Durability.class, names = {"CRASH", "POWER"})
  void whatWasForgottenStaysSo(Durability durability) throws InterruptedException {
    var settings = Vault.settings(durability, 20, directory);
    try (var vault = Vault.open(settings)) {
      assertEquals(BatchResult.COMPLETE, vault.store(new int[] {3, 4, 9}, 13, 14, 19));
    }
    List<Failing> disks = new ArrayList<>();
    try (var vault = Vault.open(settings, port -> port, disk -> {
      disks.add(new Failing(disk, 3));
      return disks.getFirst();
    })) {
      vault.keeper().forget(4);
      disks.getFirst().awaitSuccess();
    }
    try (var vault = Vault.open(settings)) {
      assertEquals(Map.of(3, 13L, 9, 19L), vault.names());
    }
  }

  @Test
  void whatWasStoredSinceIsNotErased() {
    var group = new Group(new Layout(20, Vault.BLOCK, 1, 5));
    group.giveUp(4);
    group.owe(0);
    group.clear();
    group.giveUp(Retries.retry(7));
    assertEquals(0, group.size(), "nobody owes that");
    group.giveUp(Retries.retry(4));
    assertEquals(1, group.size());
    group.giveUp(Retries.retry(4));
    assertEquals(1, group.size(), "something has come since");
    assertEquals(Set.of(), group.owed());
  }

  @Test
  void pausesGrowUpToALimitAndBeginAnew() {
    for (int i = 0; i < 12; i++) {
      retries.owe(Set.of(4, 5));
      retries.owe(Set.of(5));
      due.removeFirst().run();
    }
    assertEquals(List.of(), due, "it waits once at a time");
    assertEquals(12, told.size());
    assertEquals(Set.of(~5), Set.copyOf(told));
    assertEquals(
        List.of(100L, 200L, 400L), pauses.stream().limit(3).map(Duration::toMillis).toList());
    assertEquals(Retries.LONGEST, pauses.getLast());
    retries.owe(Set.of());
    retries.owe(Set.of(6));
    assertEquals(Retries.FIRST, pauses.getLast());
  }
}
