package io.pagoda.core.deploy;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.config.Section;
import io.pagoda.core.peer.PeerTierProvider;
import io.pagoda.core.peer.PeerTrial;
import io.pagoda.core.plugin.Examined;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.Availability;
import io.pagoda.spi.Finding;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Endpoint;
import io.pagoda.spi.transport.Link;
import io.pagoda.spi.transport.Transport;
import io.pagoda.spi.transport.TransportProvider;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an operator wants to know of those whom a configuration names to move memory with: whether
 * they are there, by which way bytes come and why not by a better one, or what keeps them away.
 *
 * <p><b>Threads.</b> It waits for peers, each for as long as their tier's deadline at most.
 */
public final class PeerExamination {
  private static final int PINGS = 50;
  private static final int SAMPLE = 8192;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String TRANSPORTS = "transports";
  private static final String CONNECTOR = "connector";

  /** What a reason in words leads to; the first that fits is told. */
  private static final List<Advice> ADVICE = List.of(
      new Advice(
          "Connection refused",
          "nothing listens there: is the peer running, and is this its pagoda.peers.listen?"),
      new Advice(
          "timed out",
          "nothing answers: is the machine up, and does a firewall let this port through?"),
      new Advice("No route", "this machine has no way there: look at its routes and interfaces"),
      new Advice("unreachable", "this machine has no way there: look at its routes and interfaces"),
      new Advice(
          "no answer in time",
          "its store answers, and its transport does not: see pagoda.transport.tcp.listen and"
              + " advertise there, and firewalls"),
      new Advice(
          "the name is not known", "see the address in tiers[].nodes, and this machine's DNS"),
      new Advice(
          "is no peer of Pagoda's",
          "something else listens there: is the port pagoda.peers.listen's?"),
      new Advice(
          "not met yet",
          "it has not answered within tier.peer.deadline: is it overloaded or far?"));

  private record Advice(String sign, String words) {}

  private final PagodaConfig config;
  private final Plugins plugins;
  private final Section root;

  private PeerExamination(PagodaConfig config, Plugins plugins) {
    this.config = config;
    this.plugins = plugins;
    this.root = config.withDefaults(plugins.defaults()).settings();
  }

  /**
   * Looks at the peers, the connector and the communicator of a configuration, those that it has.
   *
   * @param config what names them
   * @param plugins who brings transports
   */
  public static List<Examined> of(PagodaConfig config, Plugins plugins) {
    var examination = new PeerExamination(config, plugins);
    return Stream.of(examination.peers(), examination.connector(), examination.communicator())
        .flatMap(Optional::stream)
        .toList();
  }

  private Optional<Examined> peers() {
    boolean any = root.elements("tiers")
        .stream()
        .anyMatch(tier -> tier.string("type").equals(PeerTierProvider.TYPE));
    return any ? Optional.of(opened()) : Optional.empty();
  }

  private Examined opened() {
    try (Deployment deployment = Deployment.openForPeers(config, plugins, 1)) {
      List<Finding> findings = new ArrayList<>(absent());
      deployment.transports().forEach(transport -> findings.addAll(protection(transport)));
      List<PeerTrial> peers = deployment.peers();
      peers.forEach(peer -> findings.addAll(peer(peer)));
      long missing = peers.stream().filter(peer -> !peer.trouble().isEmpty()).count();
      return new Examined("peer", availability(missing, peers.size()), findings);
    } catch (PagodaException e) {
      return unavailable("peer", e);
    }
  }

  private static Availability availability(long missing, int all) {
    String words = "%d of %d peers are not there".formatted(missing, all);
    return missing == 0
        ? Availability.READY
        : missing < all ? new Availability.Limited(words) : new Availability.Unavailable(words);
  }

  private static Examined unavailable(String what, PagodaException why) {
    return new Examined(
        what, new Availability.Unavailable(String.valueOf(why.getMessage())), List.of());
  }

  /** {@return which of the transports that are wanted cannot be had, and why} */
  private List<Finding> absent() {
    List<Finding> absent = new ArrayList<>();
    for (String type : root.strings(TRANSPORTS)) {
      plugins.absence(TransportProvider.class, type, TRANSPORTS)
          .ifPresent(
              why -> absent.add(new Finding("this machine", "transport " + type, why, true)));
    }
    return absent;
  }

  private static List<Finding> protection(Transport transport) {
    return Stream.of(Feature.ENCRYPTED, Feature.AUTHENTICATED)
        .map(
            feature -> new Finding(
                "this machine",
                transport.type() + (feature == Feature.ENCRYPTED ? " encrypts" : " knows peers"),
                Optional.ofNullable(transport.capabilities().missing().get(feature))
                    .map("no: "::concat)
                    .orElse("yes")))
        .toList();
  }

  private static List<Finding> peer(PeerTrial peer) {
    String name = peer.name();
    List<Finding> findings = new ArrayList<>();
    findings.add(resolved(peer));
    String trouble = peer.trouble();
    if (!trouble.isEmpty()) {
      findings.add(new Finding(name, "not there", trouble + advice(trouble), true));
      return findings;
    }
    try {
      findings.add(new Finding(name, "calls itself", peer.ownName()));
      findings.add(new Finding(name, "bytes come by", peer.path().transport()));
      findings.add(new Finding(name, "how", peer.path().detail()));
      findings.add(new Finding(name, "why not better", orNone(peer.path().instead())));
      findings.add(new Finding(name, "secret", peer.proof()));
      findings.add(new Finding(name, "round trip", pings(peer)));
      findings.add(new Finding(name, "lends", lends(peer)));
    } catch (PagodaException e) {
      findings.add(new Finding(name, "lost", String.valueOf(e.getMessage()), true));
    }
    return findings;
  }

  private static String orNone(String reason) {
    return reason.isEmpty() ? "there is none" : reason;
  }

  private static Finding resolved(PeerTrial peer) {
    String host = peer.address().getHostString();
    try {
      String all = Arrays.stream(InetAddress.getAllByName(host))
          .map(InetAddress::getHostAddress)
          .collect(Collectors.joining(", "));
      return new Finding(
          peer.name(), "address", "%s:%d is %s".formatted(host, peer.address().getPort(), all));
    } catch (UnknownHostException _) {
      return new Finding(
          peer.name(), "address",
          "no such host is known as '%s': see tiers[].nodes, and this machine's DNS"
              .formatted(host),
          true);
    }
  }

  private static String advice(String trouble) {
    return ADVICE.stream()
        .filter(advice -> trouble.contains(advice.sign))
        .findFirst()
        .map(advice -> ": " + advice.words)
        .orElse("");
  }

  private static String pings(PeerTrial peer) {
    long[] nanos = new long[PINGS];
    Arrays.setAll(nanos, _ -> peer.ping());
    Arrays.sort(nanos);
    return "p50 %.0f µs, least %.0f, most %.0f, of %d"
        .formatted(nanos[PINGS / 2] / 1e3, nanos[0] / 1e3, nanos[PINGS - 1] / 1e3, PINGS);
  }

  private static String lends(PeerTrial peer) {
    int seen = peer.sample(SAMPLE).size();
    return "%s blocks of host memory, each for %s at most"
        .formatted(seen == SAMPLE ? SAMPLE + " or more" : seen, peer.lifetime());
  }

  private Optional<Examined> connector() {
    return root.isWritten(CONNECTOR)
        ? Optional.of(
            wanted(
                CONNECTOR,
                () -> WantedTransports
                    .of(root, TRANSPORTS, ConnectorPlan.settings(root).fallback())))
        : Optional.empty();
  }

  private Optional<Examined> communicator() {
    return root.isWritten("communicator")
        ? Optional.of(wanted("communicator", () -> CommunicatorPlan.read(root).transports()))
        : Optional.empty();
  }

  /** {@return what is there of the transports that somebody wants, who knows its peers later} */
  private Examined wanted(String who, Supplier<WantedTransports> transports) {
    List<Finding> findings = new ArrayList<>();
    try {
      String taken = "";
      for (String type : transports.get().types()) {
        Optional<String> absence = plugins.absence(TransportProvider.class, type, who);
        findings.addAll(absence.map(why -> missing(who, type, why)).orElseGet(() -> at(who, type)));
        taken = taken.isEmpty() && absence.isEmpty() ? type : taken;
      }
      return new Examined(
          who,
          taken.isEmpty()
              ? new Availability.Unavailable("none of its transports can be had")
              : Availability.READY,
          findings);
    } catch (PagodaException e) {
      return unavailable(who, e);
    }
  }

  private static List<Finding> missing(String who, String type, String why) {
    return List.of(new Finding(who, "transport " + type, why, true));
  }

  /** Opens a transport, and has it connect to itself: what keeps itself away keeps others away. */
  private List<Finding> at(String who, String type) {
    String what = "transport " + type;
    try (OpenTransport open = OpenTransport.open(root, plugins, type, who, who);
        Endpoint endpoint = open.transport().listen()) {
      Finding there =
          new Finding(who, what, "listens, such as at " + endpoint.metadata().address());
      List<Finding> findings = new ArrayList<>(List.of(there));
      findings.add(new Finding(who, what, itself(open.transport(), endpoint)));
      if (who.equals(CONNECTOR) && !root.section(CONNECTOR).strings("devices").isEmpty()) {
        findings.add(new Finding(who, what, devices(open.transport())));
      }
      return findings;
    } catch (PagodaException e) {
      boolean taken = String.valueOf(e.getMessage()).contains("in use");
      String words = taken ? ": by a process that runs on this configuration, perhaps" : "";
      return List.of(new Finding(who, what, e.getMessage() + words, e.fault() != Fault.TRANSIENT));
    }
  }

  private String devices(Transport transport) {
    String why = transport.capabilities().missing().get(Feature.DEVICE_MEMORY);
    boolean staged = ConnectorPlan.staging(root) > 0;
    return why == null
        ? "moves memory of GPUs itself"
        : "memory of GPUs %s: %s"
            .formatted(staged ? "goes through host memory" : "is refused, and staging is 0B", why);
  }

  private static String itself(Transport transport, Endpoint endpoint) {
    long start = System.nanoTime();
    try (Link link = transport.connect(endpoint.metadata(), PATIENCE)) {
      return "reaches itself in %.0f µs by %s"
          .formatted((System.nanoTime() - start) / 1e3, link.path());
    }
  }
}
