package io.pagoda.node;

import io.pagoda.BlockKeys;
import io.pagoda.Namespace;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.key.BlockHasher;
import io.pagoda.core.key.ModelFingerprint;
import io.pagoda.node.demo.Chat;
import io.pagoda.node.demo.Workload;
import io.pagoda.node.replay.Geometry;
import io.pagoda.node.replay.Latencies;
import io.pagoda.node.replay.ReplayReport;
import io.pagoda.node.replay.ReplaySettings;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what Pagoda does, in less than a minute. */
@Command(name = "demo")
final class DemoCommand implements Callable<Integer> {
  private static final String CONFIG = "demo.conf";
  private static final String MODEL = "demo";

  private final Terminal terminal;
  private final StoreOpener stores;

  @Mixin private JsonOption json = new JsonOption();

  @Option(names = "--seed", paramLabel = "N") private long seed = 1;

  DemoCommand(Terminal terminal, StoreOpener stores) {
    this.terminal = terminal;
    this.stores = stores;
  }

  @Override
  public Integer call() throws IOException {
    json.check();
    Chat chat = Chat.DEMO.withSeed(seed);
    if (!json.takesStandardOutput()) {
      introduce(chat);
    }
    Run run = new Run(terminal, json);
    return run.report(serve(run, chat));
  }

  private void introduce(Chat chat) {
    terminal.out()
        .printf(
            "%,d conversations over %d system prompts (seed %d), as fast as they go:%n"
                + "match -> fetch -> compare every byte -> put what was missing.%n%n",
            chat.sessions(), chat.systemPrompts(), chat.seed());
    terminal.out().flush();
  }

  private ReplayReport serve(Run run, Chat chat) throws IOException {
    Latencies latencies = new Latencies();
    try (var _ = OrderlyEnd.begin();
        ScratchDirectory scratch = ScratchDirectory.create();
        OpenStore open = stores.open(Optional.of(config(scratch)), Overrides.NONE, latencies);
        Workload workload = new Workload(chat, open.tokensPerBlock(), hash(open))) {
      ReplaySettings settings = ReplaySettings.sequential(Geometry.layerFirst(open.block()));
      return run.serve(open, latencies, settings, workload);
    }
  }

  /** Puts the configuration into the directory, since its paths are relative to it. */
  private static Path config(ScratchDirectory scratch) throws IOException {
    Path file = scratch.path().resolve(CONFIG);
    try (InputStream resource = DemoCommand.class.getResourceAsStream(CONFIG)) {
      if (resource == null) {
        throw new FileNotFoundException("%s is missing from the program".formatted(CONFIG));
      }
      Files.copy(resource, file);
    }
    return file;
  }

  private static Function<int[], BlockKeys> hash(OpenStore open) {
    ModelFingerprint model = ModelFingerprint.of(MODEL, open.block().bytes());
    BlockHasher hasher = BlockHasher.of(model, open.tokensPerBlock());
    return tokens -> hasher.keys(Namespace.SHARED, tokens);
  }
}
