package io.pagoda.core.connect;

import io.pagoda.Connection;
import io.pagoda.Connector;
import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.ConnectorUse;
import io.pagoda.Descriptor;
import io.pagoda.Fault;
import io.pagoda.OperationKind;
import io.pagoda.OperationTerms;
import io.pagoda.RdmaMetadata;
import io.pagoda.ReadOperation;
import io.pagoda.ReadableOperation;
import io.pagoda.Registration;
import io.pagoda.WritableOperation;
import io.pagoda.WriteOperation;
import io.pagoda.spi.transport.Region;
import io.pagoda.spi.transport.TransportUse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A connector over transports, which are their owner's to close, afterwards. */
public final class TransportConnector implements Connector {
  private final ConnectorSettings settings;
  private final Tracks tracks;
  private final Stages stages;
  private final Doubts doubts = new Doubts(System::nanoTime);
  private final PayloadText text;
  private final Peers peers;
  private final Roster roster = new Roster();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Creates a connector that stages nothing.
   *
   * @param settings how it is set
   * @param transports preferred first, at least one; those that are missing say why
   */
  public TransportConnector(ConnectorSettings settings, List<Preference> transports) {
    this(settings, transports, StagingMemory.none());
  }

  /**
   * Creates a connector.
   *
   * @param settings how it is set
   * @param transports preferred first, at least one; those that are missing say why
   * @param staging what memory of devices may be staged with, all of which outlives the connector
   */
  public TransportConnector(
      ConnectorSettings settings, List<Preference> transports, StagingMemory staging) {
    this.settings = settings;
    stages = new Stages(staging, settings.devices(), executor);
    tracks = new Tracks(transports, settings, stages);
    text = new PayloadText(new Seal(settings.secret()));
    peers = new Peers(executor, settings.connectTimeout(), doubts);
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public OperationTerms terms() {
    return settings.terms();
  }

  @Override
  public ReadableOperation createReadable(List<Descriptor> local, OperationTerms terms) {
    Tracks.Exposing how = exposing(local, terms);
    return exposed(
        new ReadExposure(local, terms, stage(how, local), roster, executor), how.tracks());
  }

  @Override
  public WritableOperation createWritable(List<Descriptor> local, OperationTerms terms) {
    Tracks.Exposing how = exposing(local, terms);
    return exposed(
        new WriteExposure(local, terms, stage(how, local), roster, executor), how.tracks());
  }

  private Tracks.Exposing exposing(List<Descriptor> local, OperationTerms terms) {
    roster.checkOpen();
    Shape.check(local);
    Tracks.Exposing how = tracks.exposing(local.getFirst().device());
    if (terms.verified() && how.staged().isEmpty()) {
      Sums.checkHost(local);
    }
    return how;
  }

  private Optional<Stage> stage(Tracks.Exposing how, List<Descriptor> local) {
    return how.staged().isEmpty() ? Optional.empty() : Optional.of(stages.exposing(local));
  }

  private <E extends Exposure> E exposed(E made, List<Track> exposing) {
    roster.enter(made);
    made.open(exposing, text);
    return made;
  }

  @Override
  public ReadOperation beginRead(
      RdmaMetadata remote, List<Descriptor> local, OperationTerms terms) {
    Plan plan = plan(OperationKind.READ, remote, local, terms);
    Local here = local(plan);
    return begun(new Reading(plan, connection(plan), here, roster, executor), here);
  }

  @Override
  public WriteOperation beginWrite(
      List<Descriptor> local, RdmaMetadata remote, OperationTerms terms) {
    Plan plan = plan(OperationKind.WRITE, remote, local, terms);
    Local here = local(plan);
    return begun(new Writing(plan, connection(plan), here, roster, executor), here);
  }

  private Local local(Plan plan) {
    if (!plan.chosen().staged()) {
      return new Registered(plan.local(), plan.track().register(plan.local()));
    }
    Stage stage = stages.beginning(plan.local());
    return new Staged(stage, stage.region(plan.track()), plan.kind() == OperationKind.WRITE);
  }

  private Plan plan(
      OperationKind kind, RdmaMetadata remote, List<Descriptor> local, OperationTerms terms) {
    roster.checkOpen();
    if (remote.kind() != kind) {
      throw new ConnectorException(
          Trouble.WRONG_KIND, Fault.PERMANENT,
          "The peer has exposed memory to a %s, and this is a %s: %s"
              .formatted(remote.kind(), kind, remote));
    }
    Shape.check(remote.descriptors(), local);
    Payload payload = text.read(remote);
    Tracks.Chosen chosen = tracks.choose(payload.offers(), local.getFirst().device(), doubts);
    Plan plan = new Plan(payload, chosen, local, terms);
    plan.check();
    return plan;
  }

  private PeerConnection connection(Plan plan) {
    return peers.to(plan.track(), plan.offer().peer());
  }

  private <A extends ActiveTransfer> A begun(A made, Local local) {
    try {
      roster.enter(made);
    } catch (IllegalStateException e) {
      var _ = local.close();
      throw e;
    }
    made.start();
    return made;
  }

  @Override
  public Registration register(Descriptor memory) {
    roster.checkOpen();
    Tracks.Exposing how = tracks.exposing(memory.device());
    if (!how.staged().isEmpty()) {
      List<StagePool> pools = stages.prepare(memory);
      how.tracks().forEach(track -> pools.forEach(track::region));
      return new HeldMemory(memory, List.of());
    }
    List<Region> regions = new ArrayList<>();
    for (Track track : how.tracks()) {
      regions.addAll(track.register(List.of(memory)));
    }
    return new HeldMemory(memory, List.copyOf(regions));
  }

  @Override
  public List<Connection> connections() {
    return peers.open();
  }

  @Override
  public ConnectorUse use() {
    int registrations = 0;
    int grants = 0;
    for (Track track : tracks.open()) {
      TransportUse use = track.transport().use();
      registrations += use.registrations();
      grants += use.grants();
    }
    return new ConnectorUse(roster.size(), peers.size(), registrations, grants, stages.lent());
  }

  @Override
  public void close() {
    if (roster.close()) {
      peers.close();
      tracks.open().forEach(Track::close);
      stages.close();
      executor.shutdown();
    }
  }
}
