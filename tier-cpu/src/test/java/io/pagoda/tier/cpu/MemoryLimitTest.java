package io.pagoda.tier.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel says is understood, whichever of its files say it. */
class MemoryLimitTest {
  @TempDir private Path root;

  private void write(String file, String content) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private long limit() {
    return MemoryLimit.of(root).orElseThrow().bytes();
  }

  private void machineOf(long kibibytes) throws IOException {
    write("proc/meminfo", "MemTotal:   99 kB\nMemAvailable:   %d kB\n".formatted(kibibytes));
  }

  @Test
  void noneIsKnownWhereTheKernelTellsNone() throws IOException {
    assertEquals(Optional.empty(), MemoryLimit.of(root));
    write("proc/meminfo", "nonsense\nMemAvailable:\n");
    write("proc/self/cgroup", "nonsense\n");
    assertEquals(Optional.empty(), MemoryLimit.of(root));
  }

  @Test
  void aMachineHasWhatIsAvailable() throws IOException {
    machineOf(1_000);
    assertEquals(1_024_000, limit());
    assertTrue(MemoryLimit.of(root).orElseThrow().source().contains("MemAvailable"));
  }

  @Test
  void aCgroupLeavesItsLimitLessWhatIsUsed() throws IOException {
    machineOf(1_000);
    write("proc/self/cgroup", "0::/a/b\n");
    write("sys/fs/cgroup/a/b/memory.max", "100000\n");
    write("sys/fs/cgroup/a/b/memory.current", "30000\n");
    write("sys/fs/cgroup/a/b/memory.stat", "anon 1\ninactive_file 20000\n");
    assertEquals(90_000, limit());
  }

  @Test
  void theTightestOfNestedCgroupsCounts() throws IOException {
    machineOf(1_000);
    write("proc/self/cgroup", "0::/a/b\n");
    write("sys/fs/cgroup/a/b/memory.max", "max\n");
    write("sys/fs/cgroup/a/b/memory.current", "30000\n");
    write("sys/fs/cgroup/a/memory.max", "50000\n");
    write("sys/fs/cgroup/a/memory.current", "60000\n");
    assertEquals(0, limit());
  }

  @Test
  void aContainerSeesItsOwnCgroupAtTheMount() throws IOException {
    machineOf(1_000);
    write("proc/self/cgroup", "0::/not/mounted/here\n");
    write("sys/fs/cgroup/memory.max", "70000\n");
    write("sys/fs/cgroup/memory.current", "10000\n");
    assertEquals(60_000, limit());
  }

  @Test
  void olderCgroupsAreReadToo() throws IOException {
    machineOf(1_000);
    write("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/x\n0::/\n");
    write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "80000\n");
    write("sys/fs/cgroup/memory/x/memory.usage_in_bytes", "10000\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", "10000\n");
    assertEquals(70_000, limit());
    write("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "18446744073709551615\n");
    assertEquals(1_024_000, limit());
  }

  @Test
  void aRefusalNamesWhatIsAskedForAndWhatIsThere() {
    var limit = new MemoryLimit(5L << 30, "MemAvailable in /proc/meminfo");
    SlotMemory.check(5L << 30, limit, "host");
    var refusal =
        assertThrows(PagodaException.class, () -> SlotMemory.check((5L << 30) + 1, limit, "host"));
    String message = refusal.toString();
    assertTrue(message.contains("Tier host asks for"), message);
    assertTrue(message.contains("5368709121") && message.contains("5 GiB"), message);
    assertTrue(message.contains("MemAvailable in /proc/meminfo"), message);
  }
}
