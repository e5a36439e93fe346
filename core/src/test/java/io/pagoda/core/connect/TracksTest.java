package io.pagoda.core.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ConnectorException;
import io.pagoda.Device;
import io.pagoda.OperationTerms;
import io.pagoda.core.pool.HostDevice;
import io.pagoda.spi.Availability;
import io.pagoda.spi.transport.Capabilities;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Capabilities.Limits;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Transport;
import java.lang.foreign.Arena;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An operation takes the best transport by which its peer can be reached, and says why it does. */
class TracksTest {
  private long now = 1;
  private Availability roce = Availability.READY;
  private final Doubts doubts = new Doubts(() -> now);
  private final HostDevice device = new HostDevice("GPU-1");
  private final Set<String> moving = new HashSet<>();
  private final Tracks tracks = tracks(true);

  private Tracks tracks(boolean fallback) {
    return tracks(fallback, StagingMemory.none());
  }

  private Tracks tracks(boolean fallback, StagingMemory staging) {
    var settings = new ConnectorSettings(
        "c", OperationTerms.within(Duration.ofSeconds(1)), fallback, Duration.ofSeconds(1),
        Optional.empty(), List.of("GPU-1", "GPU-2"));
    return new Tracks(
        List.of(Preference.open(transport("roce")), Preference.open(transport("tcp"))), settings,
        new Stages(staging, settings.devices(), Runnable::run));
  }

  private Transport transport(String type) {
    return (Transport) Proxy.newProxyInstance(
        Transport.class.getClassLoader(), new Class<?>[] {Transport.class},
        (_, method, _) -> switch (method.getName()) {
          case "type" -> type;
          case "register" -> Proxy.newProxyInstance(
              Region.class.getClassLoader(), new Class<?>[] {Region.class}, (_, _, _) -> null);
          case "capabilities" -> new Capabilities(
              type.equals("roce") ? roce : Availability.READY, offered(type), missing(type),
              new Limits(1, 1, 1, 1));
          default -> throw new UnsupportedOperationException(method.toString());
        });
  }

  private Set<Feature> offered(String type) {
    return moving.contains(type) ? Set.of(Feature.DEVICE_MEMORY) : Set.of();
  }

  private Map<Feature, String> missing(String type) {
    return Arrays.stream(Feature.values())
        .filter(feature -> !offered(type).contains(feature))
        .collect(Collectors.toMap(Function.identity(), _ -> "not here"));
  }

  @AfterEach
  void close() {
    device.close();
  }

  private static Offer offer(String type, long generation) {
    UUID start = new UUID(7, generation);
    GrantMetadata grant = new GrantMetadata(
        type, start, new byte[16], Set.of(Right.READ), Instant.ofEpochMilli(7), new long[] {1},
        new byte[0]);
    return new Offer(new PeerMetadata(type, "p", start, "h:1", Map.of()), grant, grant);
  }

  private Tracks.Chosen chosen(Offer... offers) {
    return tracks.choose(List.of(offers), Device.CPU, doubts);
  }

  @Test
  void theFirstThatBothHaveIsTaken() {
    Tracks.Chosen best = chosen(offer("tcp", 1), offer("roce", 1));
    assertEquals("roce", best.track().type());
    assertEquals("", best.instead());
    Tracks.Chosen other = chosen(offer("tcp", 1));
    assertEquals("tcp", other.track().type());
    assertEquals("the peer offers no roce", other.instead());
  }

  @Test
  void whoCannotBeReachedIsReachedOtherwiseForAWhile() {
    Offer bad = offer("roce", 1);
    doubts.add(bad.peer(), "Lost p");
    Tracks.Chosen other = chosen(bad, offer("tcp", 1));
    assertEquals("tcp", other.track().type());
    assertEquals("Lost p", other.instead());
    assertEquals("roce", chosen(bad).track().type(), "there is no other");
    assertEquals("roce", chosen(offer("roce", 2), offer("tcp", 2)).track().type(), "another start");
    doubts.add(offer("tcp", 1).peer(), "Lost p");
    assertEquals("roce", chosen(bad, offer("tcp", 1)).track().type(), "none is any better");
    now += Duration.ofSeconds(31).toNanos();
    assertEquals("roce", chosen(bad, offer("tcp", 1)).track().type(), "it is tried again");
  }

  @Test
  void doubtsAreForgottenInTheEnd() {
    for (int i = 0; i < 3_000; i++) {
      doubts.add(offer("roce", i).peer(), "Lost p");
    }
    assertTrue(doubts.about(offer("roce", 0).peer()).isEmpty());
    assertTrue(doubts.about(offer("roce", 2_999).peer()).isPresent());
  }

  @Test
  void aTransportWhoseDeviceIsGoneIsPassedOver() {
    roce = new Availability.Unavailable("the device was removed");
    Tracks.Chosen other = chosen(offer("roce", 1), offer("tcp", 1));
    assertEquals("tcp", other.track().type());
    assertEquals("the device was removed", other.instead());
    assertEquals(1, tracks.exposing(Device.CPU).tracks().size());
  }

  private Tracks staging(boolean fallback, long bytes) {
    return tracks(fallback, new StagingMemory(Arena.ofAuto(), bytes, List.of(device)));
  }

  private static Tracks.Chosen chosen(Tracks of, Doubts doubts, String... types) {
    List<Offer> offers = Arrays.stream(types).map(type -> offer(type, 1)).toList();
    return of.choose(offers, Device.cuda(0), doubts);
  }

  /** Host memory is between only where no transport does without, wherever it is in the list. */
  @Test
  void memoryOfADeviceIsStagedOnlyIfNoTransportMovesIt() {
    Tracks staging = staging(true, 1 << 20);
    Tracks.Chosen none = chosen(staging, doubts, "tcp", "roce");
    assertEquals("roce", none.track().type(), "the first of those that cannot");
    assertTrue(none.staged());
    assertEquals(
        "roce does not move memory of cuda:0: not here; tcp does not move memory of cuda:0: not"
            + " here",
        none.instead());
    assertEquals(none.instead(), staging.exposing(Device.cuda(0)).staged());
    assertEquals(2, staging.exposing(Device.cuda(0)).tracks().size());
    moving.add("tcp");
    Tracks.Chosen later = chosen(staging, doubts, "roce", "tcp");
    assertEquals("tcp", later.track().type());
    assertFalse(later.staged());
    assertEquals("roce does not move memory of cuda:0: not here", later.instead());
    assertEquals(1, staging.exposing(Device.cuda(0)).tracks().size());
    assertEquals("", staging.exposing(Device.cuda(0)).staged());
    Tracks.Chosen lacking = chosen(staging, doubts, "roce");
    assertTrue(lacking.staged(), "the peer has none that does without");
    assertTrue(lacking.instead().endsWith("the peer offers no tcp"), lacking.instead());
    assertFalse(staging.choose(List.of(offer("tcp", 1)), Device.CPU, doubts).staged());
  }

  @Test
  void whoIsReachedThroughHostMemoryIsBetterThanWhoIsNot() {
    moving.add("roce");
    doubts.add(offer("roce", 1).peer(), "Lost p");
    Tracks staging = staging(true, 1 << 20);
    Tracks.Chosen other = chosen(staging, doubts, "roce", "tcp");
    assertEquals("tcp", other.track().type());
    assertTrue(other.staged());
    assertEquals("Lost p; tcp does not move memory of cuda:0: not here", other.instead());
    assertFalse(chosen(staging, doubts, "roce").staged(), "there is no other");
  }

  /** Which transport is one thing, and how memory gets to it another. */
  @Test
  void withoutFallbackTheFirstIsStaged() {
    moving.add("tcp");
    Tracks staging = staging(false, 1 << 20);
    assertEquals("roce", chosen(staging, doubts, "roce", "tcp").track().type());
    assertTrue(chosen(staging, doubts, "roce", "tcp").staged());
  }

  @Test
  void whoCannotStageSaysWhatToSet() {
    refused(tracks, 0, "not here; ", "pagoda.connector.staging is 0B");
    refused(staging(true, 1 << 20), 1, "not here; ", "type = cuda, uuid = \"GPU-2\"", "devices");
    refused(staging(true, 1 << 20), 2, "put its UUID into pagoda.connector.devices");
  }

  private void refused(Tracks of, int number, String... words) {
    Device gpu = Device.cuda(number);
    var exposing = assertThrows(ConnectorException.class, () -> of.exposing(gpu));
    var choosing = assertThrows(
        ConnectorException.class, () -> of.choose(List.of(offer("tcp", 1)), gpu, doubts));
    for (String word : words) {
      assertTrue(String.valueOf(exposing.getMessage()).contains(word), exposing::toString);
      assertTrue(String.valueOf(choosing.getMessage()).contains(word), choosing::toString);
    }
  }

  @Test
  void withoutFallbackThereIsOne() {
    Offer bad = offer("roce", 1);
    doubts.add(bad.peer(), "Lost p");
    Tracks one = tracks(false);
    Offer good = offer("tcp", 1);
    assertEquals("roce", one.choose(List.of(bad, good), Device.CPU, doubts).track().type());
    var e =
        assertThrows(ConnectorException.class, () -> one.choose(List.of(good), Device.CPU, doubts));
    assertTrue(String.valueOf(e.getMessage()).contains("fallback"), e::toString);
  }
}
