package io.pagoda.tier.gpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM with the same classes, which is talked to line by line. */
final class Child implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final PrintWriter in;
  private final List<String> said = new ArrayList<>();

  private Child(Process process) {
    this.process = process;
    this.out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    this.in = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
  }

  /** Starts the main method of a class. */
  static Child run(Class<?> main) throws IOException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String path =
        System.getProperty("jdk.module.path", "") + ":" + System.getProperty("java.class.path")
            + ":" + System.getProperty("surefire.test.class.path", "");
    var builder = new ProcessBuilder(
        java, "--enable-native-access=ALL-UNNAMED",
        "-Djava.library.path=" + System.getProperty("java.library.path", ""), "-cp", path,
        main.getName());
    return new Child(builder.redirectErrorStream(true).start());
  }

  /** {@return what follows a word, on the next line that begins with it} */
  String after(String word) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.add(line);
      if (line.startsWith(word + " ")) {
        return line.substring(word.length() + 1);
      }
    }
    throw new AssertionError("The child has not said " + word + ", but:\n" + this);
  }

  void say(String line) {
    in.println(line);
  }

  /** {@return its exit code; an error if it does not end} */
  int end() throws IOException, InterruptedException {
    out.lines().forEach(said::add);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("The child does not end; it said:\n" + this);
    }
    return process.exitValue();
  }

  @Override
  public String toString() {
    return String.join("\n", said);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
