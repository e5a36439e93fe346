package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.node.control.ControlCaller;
import io.pagoda.node.control.ControlSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that runs, and is told what to do with its plugins. */
class ControlTest {
  private static final Path BUILT = SourceTree.path("eviction-classic/target/classes");
  private static final String NAME = "io.pagoda.eviction.classic";

  @TempDir Path directory;

  private Path socket = Path.of("");
  private String[] run = {};
  private Thread thread = new Thread();
  private FutureTask<Integer> node = new FutureTask<>(() -> ExitCode.OK);
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private int pagoda(ByteArrayOutputStream out, String... args) {
    var print = new PrintStream(out, true, StandardCharsets.UTF_8);
    return Pagoda.run(new Terminal(print, print, false, false), new ConfiguredStores(), args);
  }

  /** Starts the node, and waits until it answers. */
  private void start() {
    node = new FutureTask<>(() -> pagoda(said, run));
    thread = Thread.ofPlatform().daemon().start(node);
    while (!told("list").startsWith("0") && !node.isDone()) {
      LockSupport.parkNanos(10_000_000);
    }
    assertFalse(node.isDone(), said::toString);
  }

  @BeforeEach
  void say() {
    socket = directory.resolve("control");
    run = new String[] {"run", "--control", socket.toString(), "--tier", "cpu=16", "--block-bytes",
      "4KiB", "--set", "pagoda.plugins.directory=" + directory.resolve("plugins")};
  }

  private int end() throws Exception {
    thread.interrupt();
    return node.get(20, TimeUnit.SECONDS);
  }

  @AfterEach
  void endIfItRuns() throws Exception {
    if (thread.isAlive()) {
      end();
    }
  }

  private String told(String... words) {
    var out = new ByteArrayOutputStream();
    String[] args = new String[words.length + 3];
    args[0] = "plugins";
    System.arraycopy(words, 0, args, 1, words.length);
    args[words.length + 1] = "--control";
    args[words.length + 2] = socket.toString();
    int code = pagoda(out, args);
    return code + ": " + out.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void aPluginComesIsStartedStoppedAndGoes() throws Exception {
    start();
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    assertEquals("0: ", told("list"));
    assertTrue(told("install", BUILT.toString()).startsWith("0: installed " + NAME));
    assertTrue(told("list").matches("0: resolved +" + NAME + " \\S+"), () -> told("list"));
    assertTrue(told("start", NAME).endsWith(" is active"));
    assertTrue(told("drain", NAME).endsWith(" is draining: 0 blocks moved, 0 stay"));
    assertTrue(told("drain", NAME).endsWith(" is draining: 0 blocks moved, 0 stay"), "once more");
    assertTrue(told("start", NAME).endsWith(" is active"));
    assertTrue(told("uninstall", NAME).startsWith("64: pagoda: " + NAME));
    assertTrue(told("stop", NAME).endsWith(" is resolved"));
    assertTrue(told("uninstall", NAME).startsWith("0: uninstalled " + NAME));
    assertEquals(List.of(), inPlugins());
    assertEquals(ExitCode.OK, end());
    assertTrue(Files.notExists(socket));
    assertTrue(told("list").startsWith("74: pagoda: no answer from a node at " + socket));
  }

  /** {@return the same plugin in another version} */
  private Path later() {
    Path jar = directory.resolve("later.jar");
    int code = ToolProvider.findFirst("jar")
        .orElseThrow()
        .run(
            System.out, System.err, "--create", "--file", jar.toString(), "--module-version",
            "99.0", "-C", BUILT.toString(), ".");
    assertEquals(0, code);
    return jar;
  }

  private List<Path> inPlugins() throws IOException {
    try (var files = Files.list(directory.resolve("plugins"))) {
      return files.toList();
    }
  }

  @Test
  void anUpdateTakesTheOldFilesOut() throws Exception {
    start();
    told("install", BUILT.toString());
    told("start", NAME);
    String answer = told("update", NAME, later().toString());
    assertTrue(answer.matches("0: " + NAME + " 99.0 is active; \\S+ \\S+ is gone"), answer);
    assertEquals(List.of(directory.resolve("plugins").resolve(NAME + "-99.0")), inPlugins());
  }

  @Test
  void whatCannotBeTakenOutAfterAStepIsTold() throws Exception {
    start();
    told("install", BUILT.toString());
    told("start", NAME);
    Path old = inPlugins().getFirst();
    Files.move(old, directory.resolve("away"));
    String answer = told("update", NAME, later().toString());
    assertTrue(answer.startsWith("0: " + NAME + " 99.0 is active; "), answer);
    assertTrue(answer.contains(" is gone; remove its directory before the next start: "), answer);
    Path next = directory.resolve("plugins").resolve(NAME + "-99.0");
    assertEquals(List.of(next), inPlugins());
    Files.move(next, directory.resolve("gone"));
    told("stop", NAME);
    answer = told("uninstall", NAME);
    assertTrue(answer.startsWith("0: uninstalled " + NAME + " 99.0; remove its"), answer);
    assertEquals("0: ", told("list"));
  }

  /** The directory of plugins is called by another name there. */
  @Test
  void whatLiesInTheDirectoryIsTakenUpByWhateverPath() throws Exception {
    Path plugins = Files.createDirectory(directory.resolve("plugins"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), plugins);
    start();
    Files.copy(later(), plugins.resolve("classic.jar"));
    assertEquals(
        "0: installed %s 99.0 in %s".formatted(NAME, plugins.resolve("classic.jar")),
        told("install", link.resolve("classic.jar").toString()));
  }

  @Test
  void whatANodeDoesNotUnderstandIsRefused() throws Exception {
    start();
    var caller = new ControlCaller(socket);
    var e = assertThrows(PagodaException.class, () -> caller.ask(List.of("dance", "tape")));
    assertEquals("a node does not understand [dance, tape]", e.getMessage());
    assertThrows(PagodaException.class, () -> caller.ask(List.of("start", "a", "b")));
    assertThrows(IOException.class, () -> caller.ask(List.of("start", "a\tb")));
    assertThrows(IOException.class, () -> caller.ask(List.of("start", "a".repeat(1 << 15))));
    assertTrue(told("stop", "tape").startsWith("64: pagoda: no plugin is called 'tape'"));
    assertTrue(
        told("update", NAME, BUILT.toString()).startsWith("64: pagoda: no plugin is called"));
  }

  @Test
  void twoNodesDoNotListenAtOneSocket() throws Exception {
    start();
    var out = new ByteArrayOutputStream();
    assertEquals(ExitCode.IO, pagoda(out, run));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("another node listens there"));
    assertEquals("0: ", told("list"));
  }

  @Test
  void aSocketThatIsLeftOverIsReplacedAndAFileIsNot() throws Exception {
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    start();
    assertEquals("0: ", told("list"));
    end();
    Files.writeString(socket, "a letter");
    var out = new ByteArrayOutputStream();
    assertEquals(ExitCode.IO, pagoda(out, run));
    assertEquals("a letter", Files.readString(socket));
  }

  @Test
  void aNodeShowsAPluginAndTellsWhyItCanBeHad() throws Exception {
    start();
    told("install", BUILT.toString());
    assertTrue(told("show", NAME).matches("(?s)0: " + NAME + ".* state +resolved\\R.*"));
    assertTrue(told("why", "tape").startsWith("64: pagoda: no tier of type 'tape'"));
    told("start", NAME);
    String shown = told("show", NAME);
    assertTrue(shown.matches("(?s).* provides +eviction policy slru +ready\\R.*"), shown);
    assertTrue(told("why", "cpu").startsWith("0: tier 'cpu' can be had"), () -> told("why", "cpu"));
  }

  @Test
  void whatANodeWouldNotLookAtIsRefused() throws Exception {
    start();
    assertTrue(told("list", "--json").startsWith(ExitCode.USAGE + ": pagoda: --json cannot"));
    for (String command : List.of("list", "install", "uninstall", "show", "why")) {
      String[] words = command.equals("list")
          ? new String[] {command, "--set", "pagoda.plugins.prefer=[]"}
          : new String[] {command, "tape", "--set", "pagoda.plugins.prefer=[]"};
      assertTrue(told(words).startsWith(ExitCode.USAGE + ": pagoda: --control asks"), command);
    }
  }

  @Test
  void anOptionBeforeTheStepIsNotOverlooked() {
    var out = new ByteArrayOutputStream();
    assertEquals(ExitCode.USAGE, pagoda(out, "plugins", "--control", socket.toString(), "list"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("say --control after 'list'"));
  }

  @Test
  void whereNobodyListensItIsSaidHowToStartANode() {
    String start = "'pagoda run --control " + socket + "'";
    assertTrue(told("list").contains(start), () -> told("list"));
  }

  @Test
  void aSocketThatAnotherHasPutThereIsLeft() throws IOException {
    var first = ControlSocket.open(socket, words -> words);
    Files.delete(socket);
    try (var _ = ControlSocket.open(socket, _ -> List.of("second"))) {
      first.close();
      assertEquals(List.of("second"), new ControlCaller(socket).ask(List.of("who")));
    }
    assertTrue(Files.notExists(socket));
  }

  @Test
  void anAnswerThatIsCutShortIsNone() throws Exception {
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual().start(() -> {
        try (var caller = server.accept()) {
          assertTrue(caller.read(ByteBuffer.allocate(100)) > 0);
          caller.write(ByteBuffer.wrap("ok\nactive tape\n".getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      var caller = new ControlCaller(socket);
      var e = assertThrows(IOException.class, () -> caller.ask(List.of("list")));
      assertTrue(e.toString().contains("ended before it had answered"), e::toString);
    }
  }

  @Test
  void aStepNeedsANode() {
    var out = new ByteArrayOutputStream();
    assertEquals(ExitCode.USAGE, pagoda(out, "plugins", "stop", "tape"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("--control says which node"));
  }
}
