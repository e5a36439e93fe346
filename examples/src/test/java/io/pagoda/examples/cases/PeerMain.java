package io.pagoda.examples.cases;

import io.pagoda.ActiveOperation;
import io.pagoda.ConnectorUse;
import io.pagoda.Operation;
import io.pagoda.OperationEnd;
import io.pagoda.OperationTerms;
import io.pagoda.PassiveOperation;
import io.pagoda.RdmaMetadata;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ConnectorDeployment;
import io.pagoda.core.plugin.Plugins;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The other process of the connector's cases: it does what it is told, line by line. */
final class PeerMain {
  private final ConnectorDeployment deployment;
  private final Map<String, Operation> operations = new ConcurrentHashMap<>();
  private final Map<String, Guarded> memory = new ConcurrentHashMap<>();

  private PeerMain(ConnectorDeployment deployment) {
    this.deployment = deployment;
  }

  public static void main(String[] args) throws IOException {
    PagodaConfig config = PagodaConfig.load(Optional.of(Path.of(args[0])), Overrides.NONE);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Plugins plugins = Plugins.onModulePath();
        ConnectorDeployment deployment = ConnectorDeployment.open(config, plugins)) {
      PeerMain peer = new PeerMain(deployment);
      say("ready " + deployment.connector().name());
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        peer.obey(line.split(" "));
      }
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private void obey(String[] word) {
    String name = word.length > 1 ? word[1] : "";
    switch (word[0]) {
      case "readable" -> {
        Guarded own = own(name, word[2]).fill(Long.parseLong(word[3]));
        exposed(name, deployment.connector().createReadable(own.descriptors(), terms(word, 4)), "");
      }
      case "writable" -> exposed(
          name,
          deployment.connector().createWritable(own(name, word[2]).descriptors(), terms(word, 4)),
          word[3]);
      case "read" -> begun(
          name,
          deployment.connector()
              .beginRead(
                  RdmaMetadata.parse(word[4]), own(name, word[2]).descriptors(),
                  OperationTerms.within(Duration.ofMillis(Long.parseLong(word[3])))));
      case "many" -> Many
          .expose(deployment.connector(), Path.of(name), Integer.parseInt(word[2]), PeerMain::say);
      case "cancel" -> {
        var _ = Objects.requireNonNull(operations.get(name))
            .cancel()
            .thenAccept(done -> say("cancel %s %s".formatted(name, done)));
      }
      case "check" ->
        say("check %s %s".formatted(name, memory(name).wrong(Long.parseLong(word[2])) + "."));
      case "change" -> {
        memory(name).fill(Long.parseLong(word[2]));
        say("change " + name);
      }
      case "forget" -> {
        memory(name).close();
        memory.remove(name);
        say("forget " + name);
      }
      case "use" -> say("use %s %s".formatted(name, use()));
      case "heap" -> say("heap %s %d".formatted(name, Many.heap()));
      default -> throw new IllegalArgumentException(word[0]);
    }
  }

  private Guarded memory(String name) {
    return Objects.requireNonNull(memory.get(name), name);
  }

  private String use() {
    ConnectorUse use = deployment.connector().use();
    return "%d %d %d".formatted(use.operations(), use.registrations(), use.grants());
  }

  private Guarded own(String name, String sizes) {
    Guarded own = new Guarded(Side.bySockets() ? 1 << 20 : 1 << 12, Guarded.sizes(sizes));
    memory.put(name, own);
    return own;
  }

  private static OperationTerms terms(String[] word, int at) {
    return new OperationTerms(
        Duration.ofMillis(Long.parseLong(word[at + 1])), Integer.parseInt(word[at]),
        Boolean.parseBoolean(word[at + 2]));
  }

  /** Compares the bytes, if there are to be some, as soon as it hears of the end. */
  private void exposed(String name, PassiveOperation operation, String expected) {
    watch(name, operation, expected);
    say("metadata %s %s".formatted(name, operation.metadata().toJson()));
  }

  private void begun(String name, ActiveOperation operation) {
    watch(name, operation, "");
    say("begun " + name);
    Thread.ofPlatform().daemon().start(() -> {
      while (memory(name).firstByte() == 0) {
        Thread.onSpinWait();
      }
      say("moving " + name);
    });
  }

  private void watch(String name, Operation operation, String expected) {
    operations.put(name, operation);
    var _ = operation.ended().thenAccept(end -> {
      String wrong = expected.isEmpty() || expected.equals("0") || !end.completed()
          ? ""
          : memory(name).wrong(Long.parseLong(expected));
      say("ended %s %s .%s".formatted(name, told(end), wrong));
    });
    var _ = operation.settled().thenAccept(end -> {
      operations.remove(name);
      say("settled %s %s".formatted(name, told(end)));
    });
  }

  private static String told(OperationEnd end) {
    return "%s %s %d".formatted(
        end.state(), end.cause().map(cause -> cause.trouble().name()).orElse("-"), end.bytes());
  }
}
