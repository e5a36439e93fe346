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
                    { type = peer, nodes = [ { name = lender, address = "%s" } ] } ]
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
