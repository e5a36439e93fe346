package io.pagoda.node.attach;

import io.pagoda.EngineMemory;
import io.pagoda.KvCache;
import io.pagoda.KvLayout;
import io.pagoda.KvOutcome;
import io.pagoda.KvRequest;
import io.pagoda.KvTask;
import io.pagoda.Namespace;
import io.pagoda.PagodaException;
import io.pagoda.Pool;
import io.pagoda.SlotMapping;
import io.pagoda.Tokens;
import io.pagoda.spi.device.Device;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * Serves one engine: a request is a line, a JSON object, and so is its answer. Requests are served
 * in the order in which they come, one after the other; the engine has waited for what it wrote to
 * its memory before it asks for it to be stored.
 *
 * <p>The requests, by {@code op}:
 *
 * <ul>
 *   <li>{@code register} with {@code pool}, a name; {@code layout}; {@code blocks}; and {@code
 *       ranks}, a list in which each has {@code memory}, a list of {@code {file | handle, offset,
 *       bytes}}, and a {@code device}, its UUID, if it is that device's
 *   <li>{@code match} with {@code tokens}: how many of them are held
 *   <li>{@code put}, {@code fetch} with {@code pool}, {@code tokens} and {@code blocks}, a block of
 *       the pool for each block of tokens; {@code namespace}, a text, if they have one
 *   <li>{@code unregister} with {@code pool}
 *   <li>{@code reset}: forget everything
 * </ul>
 *
 * <p>An answer has {@code ok}, true or false; if false, {@code error} says why. That of a put or
 * a fetch has {@code tokens}, how many of the first were moved; {@code micros}, how long that took
 * here; and a {@code reason} if they are not all. Whoever wants to end closes its side.
 *
 * <p><b>Threads.</b> Confined.
 */
public final class EngineSession implements AutoCloseable {
  private static final int MOST_BLOCKS = 1 << 30;

  private final KvCache cache;
  private final List<Device> devices;
  private final Map<String, Registered> pools = new HashMap<>();

  private record Registered(Pool pool, SharedMemory memory) {}

  /**
   * Begins a session.
   *
   * @param cache what serves
   * @param devices whose memory the engine may share
   */
  public EngineSession(KvCache cache, List<Device> devices) {
    this.cache = cache;
    this.devices = devices;
  }

  /** Serves until the requests end. */
  public void serve(BufferedReader requests, PrintStream answers) throws IOException {
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      if (!line.isBlank()) {
        answers.println(answer(line).json());
        answers.flush();
      }
    }
  }

  private Answer answer(String line) {
    try {
      Fields request = Fields.read(line);
      return answer(request.text("op"), request);
    } catch (RequestException | IllegalArgumentException | IllegalStateException
        | IndexOutOfBoundsException | PagodaException refused) {
      return Answer.refusal(String.valueOf(refused.getMessage()));
    }
  }

  private Answer answer(String op, Fields request) throws RequestException {
    return switch (op) {
      case "register" -> register(request);
      case "unregister" -> unregister(request);
      case "match" -> match(request);
      case "put" -> moved(request, cache::put);
      case "fetch" -> moved(request, cache::fetch);
      case "reset" -> reset();
      default -> throw new RequestException(
          "'%s' is none of register, unregister, match, put, fetch, reset".formatted(op));
    };
  }

  private Answer register(Fields request) throws RequestException {
    String name = request.text("pool");
    if (pools.containsKey(name)) {
      throw new RequestException("pool '%s' is registered; unregister it first".formatted(name));
    }
    var memory = new SharedMemory(devices);
    try {
      Pool pool = cache.register(engineMemory(request, memory));
      pools.put(name, new Registered(pool, memory));
      return Answer.yes().with("block_bytes", cache.model().blockBytes());
    } catch (Throwable failure) {
      memory.close();
      throw failure;
    }
  }

  private EngineMemory engineMemory(Fields request, SharedMemory memory) throws RequestException {
    int blocks = (int) request.number("blocks", MOST_BLOCKS);
    EngineMemory told = EngineMemory.of(cache.model(), layout(request.text("layout")), blocks);
    int number = 0;
    for (Fields rank : request.objects("ranks")) {
      String uuid = rank.has("device") ? rank.text("device") : "";
      List<MemorySegment> segments = new ArrayList<>();
      for (Fields where : rank.objects("memory")) {
        segments.add(memory.open(where, uuid));
      }
      told.on(uuid).rank(number++, segments);
    }
    return told;
  }

  private static KvLayout layout(String name) throws RequestException {
    for (KvLayout layout : KvLayout.values()) {
      if (layout.name().replace('_', '-').equalsIgnoreCase(name)) {
        return layout;
      }
    }
    throw new RequestException(
        "'%s' is none of the layouts layer-first, block-first, layer-block".formatted(name));
  }

  private Answer unregister(Fields request) throws RequestException {
    Registered registered = registered(request);
    pools.remove(request.text("pool"));
    close(registered);
    return Answer.yes();
  }

  private Answer match(Fields request) throws RequestException {
    try (var match = cache.match(asked(request))) {
      return Answer.yes().with("tokens", match.tokens().count());
    }
  }

  /** Puts or fetches. */
  @FunctionalInterface
  private interface Move {
    KvTask of(KvRequest request, Pool pool, SlotMapping blocks);
  }

  private Answer moved(Fields request, Move move) throws RequestException {
    Pool pool = registered(request).pool();
    SlotMapping blocks = SlotMapping.ofBlocks(request.numbers("blocks"));
    KvRequest asked = asked(request);
    long start = System.nanoTime();
    KvOutcome outcome = ended(move.of(asked, pool, blocks).settled());
    long micros = (System.nanoTime() - start) / 1000;
    Answer answer = Answer.yes()
        .with("tokens", outcome.tokens().count())
        .with("micros", micros)
        .with("end", outcome.end().name().toLowerCase(Locale.ROOT));
    return outcome.reason().isEmpty() ? answer : answer.with("reason", outcome.reason());
  }

  private static KvOutcome ended(CompletionStage<KvOutcome> stage) {
    return stage.toCompletableFuture().join();
  }

  private static KvRequest asked(Fields request) throws RequestException {
    KvRequest asked = KvRequest.of(Tokens.of(request.numbers("tokens")));
    return request.has("namespace") ? asked.in(Namespace.of(request.text("namespace"))) : asked;
  }

  private Registered registered(Fields request) throws RequestException {
    String name = request.text("pool");
    Registered registered = pools.get(name);
    if (registered == null) {
      throw new RequestException("there is no pool '%s'; register it".formatted(name));
    }
    return registered;
  }

  private Answer reset() {
    cache.reset().toCompletableFuture().join();
    return Answer.yes();
  }

  private static void close(Registered registered) {
    try (var _ = registered.memory()) {
      registered.pool().close();
    }
  }

  @Override
  public void close() {
    pools.values().forEach(EngineSession::close);
    pools.clear();
  }
}
