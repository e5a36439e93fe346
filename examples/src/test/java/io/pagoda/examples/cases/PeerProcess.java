package io.pagoda.examples.cases;

import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A second JVM with a connector of its own. */
final class PeerProcess implements AutoCloseable {
  private static final String MODULE = "io.pagoda.examples";
  /** Whether the module path has the tests in the module, for a JVM that starts faster. */
  private static final boolean MERGED = Boolean.getBoolean("pagoda.test.merged");

  /** What else its JVM is told. */
  private static final List<String> OPTIONS =
      Arrays.stream(System.getProperty("pagoda.test.peer", "").split(" ", -1))
          .filter(option -> !option.isEmpty())
          .toList();

  private final Process process;
  private final BufferedWriter to;
  private final Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  private PeerProcess(Process process) {
    this.process = process;
    to = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("peer-output").start(this::listen);
  }

  /** Starts one, set as {@code config} says. */
  static PeerProcess start(Path directory, String config) throws IOException {
    Path file = Files.createTempFile(directory, "peer", ".conf");
    Files.writeString(file, config);
    List<String> line = new ArrayList<>();
    Collections.addAll(
        line, Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC", "-Xmx256m", "-XX:MaxDirectMemorySize=2g",
        "-XX:NativeMemoryTracking=summary",
        "--enable-native-access=io.pagoda.core,io.pagoda.transport.tcp,io.pagoda.transport.rdma",
        "--module-path", System.getProperty("jdk.module.path"));
    if (!Side.bySockets()) { // in an emulated machine, what starts soon is faster in the end
      Collections
          .addAll(line, "-XX:TieredStopAtLevel=1", "-Dpagoda.test.transport=" + Side.TRANSPORT);
    }
    line.addAll(OPTIONS);
    if (!MERGED) {
      line.add("--patch-module");
      line.add(MODULE + "=" + new File("target/test-classes").getAbsolutePath());
    }
    Collections.addAll(line, "-m", MODULE + "/" + PeerMain.class.getName(), file.toString());
    PeerProcess peer = new PeerProcess(
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    peer.answer("ready");
    return peer;
  }

  private void listen() {
    try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] word = line.split(" ", 3);
        String key = word[0].equals("ready") ? word[0] : word[0] + " " + word[1];
        counts.merge(key, 1, Integer::sum);
        String rest = word.length < 3 ? "" : word[2];
        answers.computeIfAbsent(key, _ -> new CompletableFuture<>()).complete(rest);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void tell(String line) throws IOException {
    to.write(line);
    to.newLine();
    to.flush();
  }

  /** {@return what it said behind {@code key}, as soon as it has} */
  String answer(String key) {
    return answers.computeIfAbsent(key, _ -> new CompletableFuture<>())
        .orTimeout(60, TimeUnit.SECONDS)
        .join();
  }

  /** {@return what it says behind {@code key}, told that line} */
  String ask(String line) throws IOException {
    tell(line);
    String[] word = line.split(" ", 3);
    return answer(word[0] + " " + word[1]);
  }

  /** {@return the metadata of memory that it exposes} */
  String exposes(String line) throws IOException {
    tell(line);
    return answer("metadata " + line.split(" ", 3)[1]);
  }

  int count(String key) {
    return counts.getOrDefault(key, 0);
  }

  long pid() {
    return process.pid();
  }

  /** Kills it as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.toHandle().destroyForcibly();
    process.waitFor();
  }

  /** Ends its input, which ends it. */
  @Override
  public void close() throws IOException {
    if (!process.isAlive()) {
      return;
    }
    to.close();
    try {
      process.onExit().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new IOException("The peer did not end by itself", e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while the peer ended", e);
    }
  }
}
