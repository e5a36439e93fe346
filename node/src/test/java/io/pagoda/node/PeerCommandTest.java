package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.spi.SettingsException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links between stores, tried by hand; and what a configuration may not say of them. */
@Timeout(120)
class PeerCommandTest extends PeerRig {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int ask(String address, String... more) throws IOException {
    Path file = Files.writeString(directory.resolve("asker.conf"), """
        pagoda {
          block-bytes = 64KiB
          tiers = [ { type = cpu, blocks = 100 }
                    { type = ssd, blocks = 100, directory = "/nowhere" }
                    { type = peer, deadline = 20s,
                      nodes = [ { name = lender, address = "%s" } ] } ]
          peers { name = asker, listen = "127.0.0.1:1" }
          graph.edges = [ { to = ssd, write = through } ]
        }
        """.formatted(address));
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    String[] args = new String[more.length + 4];
    args[0] = "peer";
    args[1] = "ask";
    args[2] = "--config";
    args[3] = file.toString();
    System.arraycopy(more, 0, args, 4, more.length);
    return Pagoda.run(new Terminal(stream, stream, false, false), new ConfiguredStores(), args);
  }

  private int doctor(String topic, String config) throws IOException {
    Path file = Files.writeString(
        directory.resolve("doctor.conf"), "pagoda { block-bytes = 64KiB\n%s }".formatted(config));
    var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    return Pagoda.run(
        new Terminal(stream, stream, false, false), new ConfiguredStores(), "doctor", topic,
        "--config", file.toString());
  }

  private static String nodes(String... addresses) {
    StringBuilder nodes = new StringBuilder();
    for (int i = 0; i < addresses.length; i++) {
      nodes.append("{ name = node%d, address = \"%s\" }, ".formatted(i, addresses[i]));
    }
    return """
        tiers = [ { type = cpu, blocks = 100 }
                  { type = ssd, blocks = 100, directory = "/nowhere" }
                  { type = peer, deadline = 20s, nodes = [ %s ] } ]
        graph.edges = [ { to = ssd, write = through } ]
        """.formatted(nodes);
  }

  private void says(String... lines) {
    for (String line : lines) {
      assertTrue(out().matches("(?s).*" + line + ".*"), () -> line + " in " + out());
    }
  }

  /** One is there, and several are not, each for another reason. */
  @Test
  void theDoctorTellsOfEachPeer() throws IOException {
    Node lender = lender(1000, "");
    lender.put(keys(1, 60));
    Node other = lender(10, "model.name = llama");
    assertEquals(
        ExitCode.FAILED,
        doctor(
            "peers",
            nodes(lender.address(), "127.0.0.1:1", "no-such-host.invalid:7420", other.address())),
        this::out);
    says(
        "peers, type peer: limited: 3 of 4 peers are not there",
        "tcp encrypts +no: tls.enabled = false", "node0 +address +127.0.0.1.* is 127.0.0.1\n",
        "calls itself +lender\n", "bytes come by +tcp\n", "how +1 connection, ",
        "why not better +there is none\n", "secret +none: whoever reaches the port may ask",
        "round trip +p50 \\d+ µs", "lends +60 blocks of host memory, each for ",
        "node1 .*! +not there +it cannot be met: Connection refused: nothing listens there",
        "node2 +! +address +no such host is known as 'no-such-host.invalid'",
        "node3 .*! +not there +its blocks are others");
  }

  @Test
  void theDoctorSaysWhyNoTransportIsBetter() throws IOException {
    Node lender = lender(1000, "");
    assertEquals(ExitCode.OK, doctor("peers", """
        %s
        transports = [absent, tcp]
        transport.tcp.backend = nio
        """.formatted(nodes(lender.address()))), this::out);
    says(
        "this machine +! +transport absent +no transport of type 'absent'",
        "why not better +backend = java.nio, as configured");
  }

  @Test
  void theDoctorTellsOfThoseWhoHearOfTheirPeersLater() throws IOException {
    assertEquals(ExitCode.OK, doctor("peers", """
        tiers = [ { type = cpu, blocks = 1 } ]
        connector.deadline = 20s
        communicator.role = decode
        """), this::out);
    says(
        "peers, type connector: ready", "transport tcp +listens, such as at 127.0.0.1:\\d+",
        "reaches itself in \\d+ µs by tcp: 1 connection", "peers, type communicator: ready");
    assertEquals(ExitCode.OK, doctor("peers", "tiers = [ { type = cpu, blocks = 1 } ]"), this::out);
    says("peers: the configuration names none");
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Also beside a store that runs on the same configuration. */
  @Test
  void aPeerIsAskedByHand() throws IOException {
    Node lender = lender(1000, "");
    lender.put(keys(1, 60));
    lender.put(keys(2, 60));
    assertEquals(ExitCode.OK, ask(lender.address()), this::out);
    assertTrue(out().contains("calls itself  lender"), this::out);
    assertTrue(out().contains("bytes come by tcp: "), this::out);
    assertTrue(out().contains("120 of 120 blocks of 64 KiB came"), this::out);
    assertEquals(ExitCode.USAGE, ask(lender.address(), "another"), this::out);
  }

  @Test
  void aPeerThatIsNotThereIsToldOf() throws IOException {
    assertEquals(ExitCode.FAILED, ask("127.0.0.1:1"), this::out);
    assertTrue(out().contains("not there: it cannot be met: Connection refused"), this::out);
  }

  @Test
  void nothingIsSetToGoThere() {
    var e = assertThrows(
        SettingsException.class,
        () -> asker(10, "127.0.0.1:1", "graph.edges = [ { to = peers, write = through } ]"));
    assertTrue(String.valueOf(e.getMessage()).contains("nothing is written"), e::toString);
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    for (String wrong : new String[] {"peers.share = 0", "peers.share = 1.5", "peers.silence = 1s",
      "peers.lifetime = 0s", "peers.listen = nowhere", "peers.nmae = a", "tier.peer.deadline = 0s",
      "tier.peer.batches = 0", "tier.peer.capacity = 1GiB", "transports = []"}) {
      var e = assertThrows(PagodaException.class, () -> asker(10, "127.0.0.1:1", wrong), wrong);
      assertTrue(String.valueOf(e.getMessage()).lines().count() == 1, e::toString);
    }
  }
}
