package io.pagoda.core.connect;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Device;
import io.pagoda.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The transports of a connector, preferred first, those that are missing too. */
final class Tracks {
  private final boolean fallback;
  private final List<Wanted> wanted = new ArrayList<>();

  /** A transport that is wanted. */
  private record Wanted(String type, Optional<Track> track, String missing) {}

  /**
   * One that both sides have.
   *
   * @param track here
   * @param offer there
   * @param instead why it is not a better one; empty if it is the first
   */
  record Chosen(Track track, Offer offer, String instead) {}

  Tracks(List<Preference> preferences, ConnectorSettings settings) {
    fallback = settings.fallback();
    for (Preference one : preferences) {
      Optional<Track> track =
          one.transport().map(transport -> new Track(transport, settings.devices()));
      wanted.add(new Wanted(one.type(), track, one.missing()));
    }
  }

  /** {@return those that are open} */
  List<Track> open() {
    return wanted.stream().flatMap(one -> one.track().stream()).toList();
  }

  /** {@return those that can expose memory of a device} */
  List<Track> exposing(Device device) {
    List<String> refusals = new ArrayList<>();
    List<Track> exposing = new ArrayList<>();
    for (Wanted one : allowed()) {
      Optional<String> refusal = refusal(one, device);
      refusal.ifPresentOrElse(refusals::add, () -> exposing.add(one.track().orElseThrow()));
    }
    if (exposing.isEmpty()) {
      throw none("expose memory of " + device, refusals);
    }
    return exposing;
  }

  /**
   * {@return the best that both sides have, for memory of a device here; one by which the peer was
   * lately not reached, only if there is no other}
   */
  Chosen choose(List<Offer> offers, Device device, Doubts doubts) {
    List<String> refusals = new ArrayList<>();
    Optional<Chosen> doubted = Optional.empty();
    for (Wanted one : allowed()) {
      Optional<String> refusal = refusal(one, device);
      Optional<Offer> offer = offers.stream()
          .filter(offered -> offered.peer().transport().equals(one.type()))
          .findFirst();
      if (refusal.isPresent() || offer.isEmpty()) {
        refusals.add(refusal.orElse("the peer offers no " + one.type()));
        continue;
      }
      Chosen chosen =
          new Chosen(one.track().orElseThrow(), offer.get(), String.join("; ", refusals));
      Optional<String> doubt = doubts.about(offer.get().peer());
      if (doubt.isEmpty()) {
        return chosen;
      }
      refusals.add(doubt.get());
      doubted = doubted.or(() -> Optional.of(chosen));
    }
    return doubted.orElseThrow(() -> none("reach the peer", refusals));
  }

  private List<Wanted> allowed() {
    return fallback ? wanted : wanted.subList(0, 1);
  }

  private static Optional<String> refusal(Wanted one, Device device) {
    return one.track().isEmpty() ? Optional.of(one.missing()) : one.track().get().refusal(device);
  }

  private ConnectorException none(String what, List<String> refusals) {
    return new ConnectorException(
        Trouble.NO_TRANSPORT, Fault.PERMANENT,
        "No transport can %s: %s%s".formatted(
            what, String.join("; ", refusals),
            fallback ? "" : ". With pagoda.connector.fallback no other is tried"));
  }
}
