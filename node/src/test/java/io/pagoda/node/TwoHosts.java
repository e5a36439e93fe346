package io.pagoda.node;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.opentest4j.TestAbortedException;

/**
 * Two network namespaces, joined by a cable that can be pulled. No right is needed but that to have
 * namespaces of users.
 */
final class TwoHosts implements AutoCloseable {
  /** The address of the first. */
  static final String FIRST = "10.77.0.1";

  private static final String SECOND = "10.77.0.2";

  private final Deque<Process> holders = new ArrayDeque<>();

  private TwoHosts() {}

  /** Joins two; aborts the test where that cannot be done. */
  static TwoHosts join() throws IOException, InterruptedException {
    TwoHosts hosts = new TwoHosts();
    try {
      hosts.hold("unshare", "--user", "--map-root-user", "--net");
      hosts.hold(hosts.line(0, "unshare", "--net").toArray(String[]::new));
      String other = Long.toString(hosts.pid(1));
      hosts.run(
          0, "ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", other);
      hosts.up(0, FIRST);
      hosts.up(1, SECOND);
      return hosts;
    } catch (IOException e) {
      hosts.close();
      throw new TestAbortedException("There are no network namespaces here: " + e.getMessage(), e);
    }
  }

  private void up(int host, String address) throws IOException, InterruptedException {
    run(host, "ip", "addr", "add", address + "/24", "dev", "cable");
    run(host, "ip", "link", "set", "lo", "up");
    run(host, "ip", "link", "set", "cable", "up");
  }

  /** Has a process hold a namespace, which ends with this one. */
  private void hold(String... line) throws IOException {
    List<String> all = new ArrayList<>(List.of(line));
    Collections.addAll(all, "sh", "-c", "echo held; exec cat");
    Process holder = new ProcessBuilder(all).redirectErrorStream(true).start();
    holders.addLast(holder);
    String said = holder.inputReader(StandardCharsets.UTF_8).readLine();
    if (!"held".equals(said)) {
      throw new IOException("%s says: %s".formatted(String.join(" ", line), said));
    }
  }

  private long pid(int host) {
    return List.copyOf(holders).get(host).pid();
  }

  /** {@return a command line that runs another one on a host} */
  List<String> line(int host, String... line) {
    List<String> all = new ArrayList<>(
        List.of(
            "nsenter", "--target", Long.toString(pid(host)), "--user", "--preserve-credentials",
            "--net", "--"));
    Collections.addAll(all, line);
    return all;
  }

  /** Runs a command on a host; returns what it says. */
  String run(int host, String... line) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(line(host, line)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("%s says: %s".formatted(String.join(" ", line), said));
    }
    return said;
  }

  /** Pulls the cable, or plugs it in. */
  void cable(boolean in) throws IOException, InterruptedException {
    run(0, "ip", "link", "set", "cable", in ? "up" : "down");
  }

  /** {@return how many bytes the second host has received} */
  long received() throws IOException, InterruptedException {
    String line = run(1, "cat", "/proc/net/dev").lines()
        .filter(each -> each.contains("cable:"))
        .findFirst()
        .orElseThrow();
    return Long.parseLong(line.substring(line.indexOf(':') + 1).strip().split("\\s+", 2)[0]);
  }

  @Override
  public void close() throws IOException {
    while (!holders.isEmpty()) {
      holders.removeLast().getOutputStream().close();
    }
  }
}
