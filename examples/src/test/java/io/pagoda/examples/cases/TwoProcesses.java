package io.pagoda.examples.cases;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A connector here, and one in another process, for all cases of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class TwoProcesses {
  private Path directory = Path.of("");
  private PeerProcess peer;
  private Side side;

  @BeforeAll
  final void start(@TempDir Path temporary) throws IOException {
    directory = temporary;
    peer = PeerProcess.start(directory, Side.config("b"));
    side = new Side(directory, Side.config("a"));
  }

  @AfterAll
  final void stop() throws IOException {
    side.close();
    peer.close();
  }

  final Path directory() {
    return directory;
  }

  final PeerProcess peer() {
    return peer;
  }

  final Side side() {
    return side;
  }
}
