package io.pagoda.core.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ConnectorException;
import io.pagoda.Device;
import io.pagoda.OperationTerms;
import io.pagoda.spi.Availability;
import io.pagoda.spi.transport.Capabilities;
import io.pagoda.spi.transport.Capabilities.Feature;
import io.pagoda.spi.transport.Capabilities.Limits;
import io.pagoda.spi.transport.GrantMetadata;
import io.pagoda.spi.transport.PeerMetadata;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.Right;
import io.pagoda.spi.transport.Transport;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** An operation takes the best transport by which its peer can be reached, and says why it does. */
class TracksTest {
  private long now = 1;
  private Availability roce = Availability.READY;
  private final Doubts doubts = new Doubts(() -> now);
  private final Tracks tracks = tracks(true);

  private Tracks tracks(boolean fallback) {
    var settings = new ConnectorSettings(
        "c", OperationTerms.within(Duration.ofSeconds(1)), fallback, Duration.ofSeconds(1),
        Optional.empty(), List.of());
    return new Tracks(
        List.of(Preference.open(transport("roce")), Preference.open(transport("tcp"))), settings);
  }

  private Transport transport(String type) {
    Map<Feature, String> missing = Arrays.stream(Feature.values())
        .collect(Collectors.toMap(Function.identity(), _ -> "not here"));
    return (Transport) Proxy.newProxyInstance(
        Transport.class.getClassLoader(), new Class<?>[] {Transport.class},
        (_, method, _) -> switch (method.getName()) {
          case "type" -> type;
          case "register" -> Proxy.newProxyInstance(
              Region.class.getClassLoader(), new Class<?>[] {Region.class}, (_, _, _) -> null);
          case "capabilities" -> new Capabilities(
              type.equals("roce") ? roce : Availability.READY, Set.of(), missing,
              new Limits(1, 1, 1, 1));
          default -> throw new UnsupportedOperationException(method.toString());
        });
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
    assertEquals(1, tracks.exposing(Device.CPU).size());
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
