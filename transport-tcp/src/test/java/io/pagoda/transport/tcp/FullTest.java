package io.pagoda.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.PeerMetadata;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that may open no more files takes no connections for a while, and is quiet then. */
class FullTest {
  private static final int FILES = 128;
  private static final int ROUNDS = Boolean.getBoolean("pagoda.test.long") ? 3 : 1;

  /** Nobody is cut off meanwhile because it does not say who it is. */
  private static final TcpSettings.Times SLOW = new TcpSettings.Times(
      Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofSeconds(1),
      Duration.ofNanos(20_000));

  private static final Pattern TRIES = Pattern.compile("again, after ([0-9,]+) tries");

  /** One that looked for connections all the time would try millions of times. */
  private static final long MOST_TRIES = 100;

  /** And so often in a second of a long time. */
  private static final long TRIES_PER_SECOND = 4;

  @ParameterizedTest
  @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
  void waitsUntilItMayOpenFilesAgain(Backend backend, @TempDir Path directory) throws Exception {
    assumeTrue(Files.exists(Path.of("/proc/self/stat")), "this is not Linux");
    Path errors = directory.resolve("errors");
    long began = System.nanoTime();
    Process full = start(backend, directory, errors);
    try (BufferedReader said = full.inputReader();
        OutputStream asked = full.getOutputStream();
        TcpTransport here = Rig.of(backend).open("here")) {
      PeerMetadata peer = PeerMetadata.decode(HexFormat.of().parseHex(said.readLine()));
      int before = files(full);
      for (int round = 1; round <= ROUNDS; round++) {
        fill(full, peer, asked, said);
        Peers.until("all that was open is closed", () -> files(full) <= before);
        try (Link link = here.connect(peer, Peers.PATIENCE)) {
          assertTrue(link.alive());
        }
        int ends = round;
        Peers.until("it says so", () -> TRIES.matcher(lines(errors)).results().count() >= ends);
      }
    } finally {
      full.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
    }
    long told = lines(errors).lines().filter(line -> line.contains("Takes no connections")).count();
    long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
    long oncePerPause = 1 + seconds / 10;
    assertTrue(told >= 1 && told <= oncePerPause, () -> lines(errors));
    int most = TRIES.matcher(lines(errors))
        .results()
        .mapToInt(result -> Integer.parseInt(result.group(1).replace(",", "")))
        .max()
        .orElseThrow();
    long bound = MOST_TRIES + TRIES_PER_SECOND * seconds;
    assertTrue(most > 1 && most < bound, () -> "it tried %d times".formatted(most));
  }

  /** Connects until the process can open no more file, and looks at what it does for a second. */
  private static void fill(Process full, PeerMetadata peer, OutputStream asked, BufferedReader said)
      throws IOException {
    List<Socket> crowd = new ArrayList<>();
    try {
      for (int i = 0; i < 2 * FILES; i++) {
        crowd.add(Peers.connect(peer));
      }
      Peers.until("every file that may be open is", () -> files(full) == FILES);
      Peers.until("it is quiet for a second", () -> quiet(full, asked, said));
    } finally {
      for (Socket one : crowd) {
        one.close();
      }
    }
  }

  /** {@return whether it did little for a second, in which what is open stayed so} */
  private static boolean quiet(Process full, OutputStream asked, BufferedReader said) {
    try {
      long before = processor(asked, said);
      long began = System.nanoTime();
      while (System.nanoTime() - began < 1_000_000_000L) {
        assertEquals(FILES, files(full), "those that are open stay");
        Thread.onSpinWait();
      }
      long busy = processor(asked, said) - before;
      return busy < (System.nanoTime() - began) / 5;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@return how many files a process has open} */
  private static int files(Process process) {
    try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
      return (int) all.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String lines(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }

  /** {@return for how long the process was busy so far} */
  private static long processor(OutputStream asked, BufferedReader said) throws IOException {
    asked.write('\n');
    asked.flush();
    return Long.parseLong(said.readLine());
  }

  private static Process start(Backend backend, Path directory, Path errors) throws IOException {
    Path logging = Files.write(
        directory.resolve("logging.properties"),
        List.of(
            "handlers = java.util.logging.ConsoleHandler",
            "java.util.logging.ConsoleHandler.level = FINE",
            "io.pagoda.transport.tcp.level = FINE"));
    String classes = String.join(
        File.pathSeparator, "target/test-classes", "target/classes",
        System.getProperty("jdk.module.path", ""), System.getProperty("java.class.path", ""));
    return new ProcessBuilder(
        "/bin/sh", "-c", "ulimit -n " + FILES + " && exec \"$@\"", "sh",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        "-Xmx128m", "-Djava.util.logging.config.file=" + logging, "-cp", classes,
        Full.class.getName(), backend.name()).redirectError(errors.toFile()).start();
  }

  /** A process that serves, and says for how long it was busy whenever it is asked. */
  static final class Full {
    private Full() {}

    /** Classes in directories are files, too, and there will be no room for these. */
    private static void warm(TcpTransport transport, PeerMetadata peer) throws IOException {
      transport.connect(peer, Peers.PATIENCE).close();
      Peers.connect(peer).close();
      Peers.until("all is over", () -> transport.use().bufferBytes() == 0);
    }

    public static void main(String[] arguments) throws IOException {
      var settings = Rig.of(Backend.valueOf(arguments[0])).bounded(1_000, 1_000, SLOW);
      try (TcpTransport transport = TcpTransport.open(settings, "full");
          var processor = new RandomAccessFile("/proc/self/stat", "r")) {
        PeerMetadata peer = transport.listen().metadata();
        warm(transport, peer);
        System.out.println(HexFormat.of().formatHex(peer.encode()));
        System.out.flush();
        while (System.in.read() >= 0) {
          processor.seek(0);
          String[] all = processor.readLine().split(" ", -1);
          System.out.println(10_000_000 * (Long.parseLong(all[13]) + Long.parseLong(all[14])));
          System.out.flush();
        }
      }
    }
  }
}
