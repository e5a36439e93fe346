package io.pagoda.tier.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.PagodaException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Memory is of the kind that was asked for, and gone when it is closed. */
class SlotMemoryTest {
  private static final Pattern RANGE = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) .*");
  private static final Pattern KIBIBYTES = Pattern.compile("^(\\w+): +(\\d+) kB$");
  private static final long BYTES = 64L << 20;

  private static CpuSettings settings(HugePages pages, boolean preTouch) {
    return new CpuSettings(16, BYTES / 16, pages, preTouch);
  }

  /** {@return a figure that the kernel gives for the mappings inside a range, in bytes} */
  private static long mapped(long address, String figure) throws IOException {
    long sum = 0;
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
      Matcher range = RANGE.matcher(line);
      Matcher number = KIBIBYTES.matcher(line);
      if (range.matches()) {
        long end = Long.parseUnsignedLong(range.group(2), 16);
        long start = Long.parseUnsignedLong(range.group(1), 16);
        inside = start < address + BYTES && end > address;
      } else if (inside && number.matches() && number.group(1).equals(figure)) {
        sum += Long.parseLong(number.group(2)) << 10;
      }
    }
    return sum;
  }

  @Test
  void preTouchedPagesArePresent() throws IOException {
    for (HugePages pages : List.of(HugePages.AUTO, HugePages.OFF)) {
      try (var memory = SlotMemory.of(settings(pages, true), "host")) {
        long address = memory.segment().address();
        assertTrue(mapped(address, "Rss") + mapped(address, "Swap") >= BYTES);
      }
    }
  }

  @Test
  void otherPagesComeWhenTheyAreWrittenTo() throws IOException {
    try (var memory = SlotMemory.of(settings(HugePages.OFF, false), "host")) {
      MemorySegment segment = memory.segment();
      assertTrue(mapped(segment.address(), "Rss") < BYTES / 4);
      segment.set(ValueLayout.JAVA_BYTE, BYTES - 1, (byte) 1);
      segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
      assertTrue(mapped(segment.address(), "Size") >= BYTES);
    }
  }

  @Test
  void transparentHugePagesAreHuge() throws IOException {
    Path switched = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");
    assumeTrue(Files.exists(switched), "the kernel has no transparent huge pages");
    assumeFalse(Files.readString(switched).contains("[never]"), "they are switched off");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    long huge;
    do { // the kernel may be out of those for a while
      try (var memory = SlotMemory.of(settings(HugePages.TRANSPARENT, true), "host")) {
        huge = mapped(memory.segment().address(), "AnonHugePages");
      }
    } while (huge <= BYTES / 2 && System.nanoTime() < end);
    assertTrue(huge > BYTES / 2, "bytes in huge pages: " + huge);
    try (var memory = SlotMemory.of(settings(HugePages.OFF, true), "host")) {
      assertEquals(0, mapped(memory.segment().address(), "AnonHugePages"));
    }
  }

  @Test
  void startsAtAPage() {
    for (HugePages pages : List.of(HugePages.OFF, HugePages.AUTO, HugePages.TRANSPARENT)) {
      var odd = new CpuSettings(3, 5_001, pages, true);
      try (var memory = SlotMemory.of(odd, "host")) {
        assertEquals(0, memory.segment().address() % 4_096);
        assertEquals(15_003, memory.segment().byteSize());
      }
    }
  }

  @Test
  void pagesThatWereSetAsideAreTaken() throws IOException {
    long free = Files.readAllLines(Path.of("/proc/meminfo"))
        .stream()
        .filter(line -> line.startsWith("HugePages_Free:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
    long page = MemoryLimit.hugePageBytes(Path.of("/"));
    assumeTrue(free * page >= BYTES, "the machine has no huge pages set aside");
    try (var memory = SlotMemory.of(settings(HugePages.EXPLICIT, true), "host")) {
      assertEquals(0, memory.segment().address() % page);
      assertEquals(BYTES, mapped(memory.segment().address(), "Private_Hugetlb"));
    }
  }

  @Test
  void saysHowManyHugePagesAreMissing() throws IOException {
    long free = Long.parseLong(Files.readString(Path.of("/proc/sys/vm/nr_hugepages")).trim());
    assumeTrue(free == 0, "the machine has huge pages set aside");
    var settings = settings(HugePages.EXPLICIT, true);
    var refusal = assertThrows(PagodaException.class, () -> SlotMemory.of(settings, "host"));
    String message = String.valueOf(refusal.getMessage());
    assertTrue(message.startsWith("Tier host needs"), message);
    assertTrue(message.contains("/proc/sys/vm/nr_hugepages"), message);
    long pages = Math.ceilDiv(BYTES, MemoryLimit.hugePageBytes(Path.of("/")));
    assertTrue(message.contains("Write " + pages + " or more"), message);
  }

  @Test
  void refusesMoreThanThereIs() {
    var settings = new CpuSettings(1 << 20, 1L << 30, HugePages.AUTO, true);
    var refusal = assertThrows(PagodaException.class, () -> SlotMemory.of(settings, "host"));
    assertTrue(refusal.toString().contains("1 PiB"), refusal::toString);
    assertTrue(refusal.toString().contains("available"), refusal::toString);
  }

  @Test
  void refusesMoreThanAnyMachineHas() {
    assertThrows(
        PagodaException.class,
        () -> new CpuSettings(Integer.MAX_VALUE, 1L << 40, HugePages.AUTO, true));
  }

  @Test
  void isGoneWhenItIsClosed() throws IOException {
    MemorySegment segment;
    try (var memory = SlotMemory.of(settings(HugePages.AUTO, true), "host")) {
      segment = memory.segment();
      segment.set(ValueLayout.JAVA_BYTE, 5, (byte) 7);
    }
    assertFalse(segment.scope().isAlive());
    assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 5));
    // Whatever else the JVM has mapped there since is less.
    assertTrue(mapped(segment.address(), "Rss") < BYTES / 4);
  }

  @Test
  void closedMemoryLeavesNoAddressRange() throws IOException {
    long before = size();
    for (int i = 0; i < 50; i++) {
      try (var memory = SlotMemory.of(settings(HugePages.OFF, false), "host")) {
        assertEquals(BYTES, memory.segment().byteSize());
      }
    }
    assertTrue(size() - before < 20 * BYTES);
  }

  private static long size() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status"))
        .stream()
        .filter(line -> line.startsWith("VmSize:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }
}
