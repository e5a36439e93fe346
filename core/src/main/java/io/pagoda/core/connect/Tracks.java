package io.pagoda.core.connect;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Device;
import io.pagoda.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The transports of a connector, preferred first, those that are missing too.
 *
 * <p>Memory of a device goes by one that moves it itself, wherever that stands in the list; through
 * host memory only if there is none. What is exposed is therefore not staged for peers that lack
 * such a transport which is there: that would cost a copy for peers that may never come.
 */
final class Tracks {
  private final boolean fallback;
  private final Stages stages;
  private final List<Wanted> wanted = new ArrayList<>();

  /** A transport that is wanted. */
  private record Wanted(String type, Optional<Track> track, String missing) {
    Optional<String> absence() {
      return track.isEmpty() ? Optional.of(missing) : track.get().absence();
    }
  }

  /**
   * One that both sides have.
   *
   * @param track here
   * @param offer there
   * @param staged whether memory here goes through host memory
   * @param instead why it is not a better one; empty if it is the first
   */
  record Chosen(Track track, Offer offer, boolean staged, String instead) {}

  /**
   * Those by which memory is exposed.
   *
   * @param tracks at least one
   * @param staged why it is through host memory; empty if it is not
   */
  record Exposing(List<Track> tracks, String staged) {}

  /** One that could be taken, unless there is a better. */
  private record Candidate(Chosen chosen, boolean doubted) {
    private int worse() {
      return (doubted ? 2 : 0) + (chosen.staged() ? 1 : 0);
    }

    private boolean betterThan(Optional<Candidate> other) {
      return other.isEmpty() || worse() < other.get().worse();
    }

    private Chosen because(List<String> all) {
      return chosen.staged()
          ? new Chosen(chosen.track(), chosen.offer(), true, String.join("; ", all))
          : chosen;
    }
  }

  Tracks(List<Preference> preferences, ConnectorSettings settings, Stages stages) {
    fallback = settings.fallback();
    this.stages = stages;
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

  /** {@return those that can expose memory of a device: those that move it, if there are any} */
  Exposing exposing(Device device) {
    List<String> reasons = new ArrayList<>();
    List<Track> direct = new ArrayList<>();
    List<Track> indirect = new ArrayList<>();
    for (Wanted one : allowed()) {
      Optional<String> absence = one.absence();
      if (absence.isPresent()) {
        reasons.add(absence.get());
        continue;
      }
      Track track = one.track().orElseThrow();
      Optional<String> refusal = track.refusal(device);
      refusal.ifPresent(reasons::add);
      (refusal.isPresent() ? indirect : direct).add(track);
    }
    if (!direct.isEmpty()) {
      return new Exposing(direct, "");
    }
    Optional<String> unstaged = stages.refusal(device);
    if (indirect.isEmpty() || unstaged.isPresent()) {
      throw none("expose memory of " + device, reasons, indirect.isEmpty() ? "" : unstaged.get());
    }
    return new Exposing(indirect, String.join("; ", reasons));
  }

  /**
   * {@return the best that both sides have, for memory of a device here; one by which the peer was
   * lately not reached, only if there is no other}
   */
  Chosen choose(List<Offer> offers, Device device, Doubts doubts) {
    Optional<String> unstaged = stages.refusal(device);
    List<String> reasons = new ArrayList<>();
    Optional<Candidate> best = Optional.empty();
    boolean refused = false;
    for (Wanted one : allowed()) {
      Optional<Offer> offer = offer(one, offers);
      Optional<String> absence = one.absence();
      if (absence.isPresent() || offer.isEmpty()) {
        reasons.add(absence.orElse("the peer offers no " + one.type()));
        continue;
      }
      Track track = one.track().orElseThrow();
      Optional<String> refusal = track.refusal(device);
      refusal.ifPresent(reasons::add);
      if (refusal.isPresent() && unstaged.isPresent()) {
        refused = true;
        continue;
      }
      Optional<String> doubt = doubts.about(offer.get().peer());
      Candidate candidate = new Candidate(
          new Chosen(track, offer.get(), refusal.isPresent(), String.join("; ", reasons)),
          doubt.isPresent());
      doubt.ifPresent(reasons::add);
      best = candidate.betterThan(best) ? Optional.of(candidate) : best;
    }
    String nor = refused ? unstaged.orElse("") : "";
    return best.orElseThrow(() -> none("reach the peer", reasons, nor)).because(reasons);
  }

  private static Optional<Offer> offer(Wanted one, List<Offer> offers) {
    return offers.stream()
        .filter(offered -> offered.peer().transport().equals(one.type()))
        .findFirst();
  }

  private List<Wanted> allowed() {
    return fallback ? wanted : wanted.subList(0, 1);
  }

  private ConnectorException none(String what, List<String> reasons, String unstaged) {
    return new ConnectorException(
        Trouble.NO_TRANSPORT, Fault.PERMANENT,
        "No transport can %s: %s%s%s".formatted(
            what, String.join("; ", reasons), unstaged.isEmpty() ? "" : "; and " + unstaged,
            fallback ? "" : ". With pagoda.connector.fallback no other is tried"));
  }
}
