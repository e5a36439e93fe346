package io.pagoda.transport.rdma;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link DeviceMain} in a process of its own. */
final class DeviceProcess implements AutoCloseable {
  /** What else its JVM is told. */
  private static final List<String> OPTIONS =
      Arrays.stream(System.getProperty("pagoda.test.peer", "").split(" ", -1))
          .filter(option -> !option.isEmpty())
          .toList();

  private final Process process;
  private final BufferedReader lines;

  private DeviceProcess(Process process) {
    this.process = process;
    lines = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts one, by a command that runs its arguments as another if there is one. */
  static DeviceProcess start(List<String> by, String... words) throws IOException {
    List<String> line = new ArrayList<>(by);
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(OPTIONS);
    line.addAll(
        List.of(
            "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
            DeviceMain.class.getName()));
    line.addAll(List.of(words));
    return new DeviceProcess(
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** {@return the rest of the next line that begins so, or {@code "nothing"} if none comes} */
  String next(String beginning) throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(beginning)) {
        return line.substring(beginning.length()).strip();
      }
    }
    return "nothing";
  }

  /** Kills it as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  boolean exits() throws InterruptedException {
    return process.waitFor(60, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    lines.close();
  }
}
