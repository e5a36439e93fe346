package io.pagoda.examples.cases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Connector;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.ConnectorUse;
import io.pagoda.Descriptor;
import io.pagoda.Operation;
import io.pagoda.OperationEnd;
import io.pagoda.OperationState;
import io.pagoda.OperationTerms;
import io.pagoda.RdmaMetadata;
import io.pagoda.ReadOperation;
import io.pagoda.WriteOperation;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ConnectorDeployment;
import io.pagoda.core.plugin.Plugins;
import io.pagoda.spi.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The connector of the process that runs the cases. */
final class Side implements AutoCloseable {
  static final OperationTerms MINUTE = OperationTerms.within(Duration.ofMinutes(1));

  /** What moves the bytes of all cases but those of what goes by sockets alone. */
  static final String TRANSPORT = System.getProperty("pagoda.test.transport", "tcp");

  private final Plugins plugins = Plugins.onModulePath();
  private final ConnectorDeployment deployment;

  Side(Path directory, String config) throws IOException {
    Path file = Files.createTempFile(directory, "side", ".conf");
    Files.writeString(file, config);
    PagodaConfig read = PagodaConfig.load(Optional.of(file), Overrides.NONE);
    deployment = ConnectorDeployment.open(read, plugins);
  }

  /** {@return a configuration by one transport, of a connector of that name} */
  static String config(String name, String... more) {
    // A machine that others use too, or an emulated one, stands still at times.
    return """
        pagoda.connector.name = %s
        pagoda.connector.connect-timeout = 30s
        pagoda.transports = [%s]
        pagoda.transport.%s { heartbeat = 500ms, silence = 15s, handshake = 20s }
        """.formatted(name, TRANSPORT, TRANSPORT) + String.join("\n", more);
  }

  static boolean bySockets() {
    return TRANSPORT.equals("tcp");
  }

  /** {@return the setting that peers find a process at that port} */
  static String listening(int port) {
    return "pagoda.transport.%s.listen = \"%s:%d\""
        .formatted(TRANSPORT, bySockets() ? "127.0.0.1" : "", port);
  }

  Connector connector() {
    return deployment.connector();
  }

  Transport transport() {
    return deployment.transports().getLast().transport().orElseThrow();
  }

  ReadOperation read(String json, Guarded into) {
    return read(json, into.descriptors());
  }

  ReadOperation read(String json, List<Descriptor> into) {
    return connector().beginRead(RdmaMetadata.parse(json), into, MINUTE);
  }

  WriteOperation write(Guarded from, String json) {
    return connector().beginWrite(from.descriptors(), RdmaMetadata.parse(json), MINUTE);
  }

  static OperationEnd ended(Operation operation) {
    return operation.ended().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  static OperationEnd settled(Operation operation) {
    return operation.settled().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  /** Asserts that it is complete. */
  static void complete(Operation operation) {
    OperationEnd end = settled(operation);
    assertEquals(OperationState.COMPLETE, end.state(), () -> String.valueOf(end));
  }

  /** Asserts that it failed so. */
  static String errored(Trouble trouble, Operation operation) {
    OperationEnd end = settled(operation);
    assertEquals(OperationState.ERRORED, end.state(), () -> String.valueOf(end));
    assertEquals(trouble, end.cause().orElseThrow().trouble(), () -> String.valueOf(end));
    return String.valueOf(end.cause().orElseThrow().getMessage());
  }

  /** Asserts that nothing is left but what the connector has of its own. */
  void idle(ConnectorUse before) {
    ConnectorUse now = connector().use();
    assertEquals(before.registrations(), now.registrations(), now::toString);
    assertEquals(before.grants(), now.grants(), now::toString);
    assertTrue(now.operations() == 0, now::toString);
  }

  @Override
  public void close() {
    deployment.close();
    plugins.close();
  }
}
