package io.pagoda.tier.ssd;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/*
 * A tier with one device leaves all of this to the engine, which judges the tier. With several, the
 * engine would give up the others with the one that is gone: so what is fatal to a device is fatal
 * to its blocks only, until none is left. To a load it is permanent, so that the block is given up;
 * to a store transient, as a full disk is, so that the engine sets its slot aside, tries it again
 * now and then, and does not think ill of the tier.
 */
/**
 * Which devices of a tier are out of service, or take no blocks for now.
 *
 * <p><b>Threads.</b> Any.
 */
final class Outages {
  /** How many stores in a row a device may fail before it is only tried now and then. */
  static final int FAILURES = 8;

  static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final List<State> devices = new ArrayList<>();

  private static final class State {
    final Device device;
    volatile @Nullable String gone;
    volatile @Nullable String ailing;
    int failures;
    long probeAt;

    State(Device device) {
      this.device = device;
    }
  }

  /** Finds all well. */
  Outages(List<Device> devices) {
    devices.forEach(device -> this.devices.add(new State(device)));
  }

  /** {@return why a transfer is not to be tried, or null if it is} */
  @Nullable
  PagodaException refusal(Transfer transfer) {
    State state = devices.get(transfer.device());
    String gone = state.gone;
    if (gone != null) {
      return new PagodaException(fault(transfer), gone);
    }
    String ailing = state.ailing;
    return ailing == null || !transfer.store() || probes(state)
        ? null
        : new PagodaException(Fault.TRANSIENT, ailing);
  }

  /** Learns how a transfer ended, and has it say so to those who ask for more than one device. */
  void judge(Transfer transfer) {
    PagodaException cause = transfer.cause();
    if (devices.size() == 1 || (cause == null && !transfer.store())) {
      return;
    }
    State state = devices.get(transfer.device());
    if (cause != null && cause.fault() == Fault.FATAL) {
      lose(state, cause);
      transfer.because(new PagodaException(fault(transfer), String.valueOf(state.gone), cause));
    } else if (transfer.store()) {
      stored(state, transfer.missedAll() ? cause : null);
    }
  }

  /** {@return words for the devices that do not work, empty if all do} */
  String text() {
    var text = new StringBuilder();
    for (State state : devices) {
      String why = state.gone == null ? state.ailing : state.gone;
      if (why != null) {
        text.append(text.isEmpty() ? "" : "; ").append(why);
      }
    }
    return text.toString();
  }

  private Fault fault(Transfer transfer) {
    if (devices.stream().allMatch(state -> state.gone != null)) {
      return Fault.FATAL;
    }
    return transfer.store() ? Fault.TRANSIENT : Fault.PERMANENT;
  }

  private synchronized void lose(State state, PagodaException cause) {
    if (state.gone == null) {
      state.gone = "The device of %s is out of service until the tier is opened again: %s"
          .formatted(state.device.directory(), cause.getMessage());
      Engine.LOG.log(
          Level.ERROR, "{0}. Its {1} blocks are lost for now; the other devices of the tier go on",
          state.gone, state.device.slots());
    }
  }

  private synchronized void stored(State state, @Nullable PagodaException failure) {
    if (failure == null) {
      if (state.ailing != null) {
        Engine.LOG
            .log(Level.WARNING, "The device of {0} takes blocks again", state.device.directory());
      }
      state.failures = 0;
      state.ailing = null;
    } else if (failure.fault() == Fault.PERMANENT && ++state.failures == FAILURES) {
      state.probeAt = System.nanoTime() + PAUSE;
      state.ailing =
          "The device of %s is only read for a while, since %d stores in a row failed: %s"
              .formatted(state.device.directory(), FAILURES, failure.getMessage());
      Engine.LOG.log(Level.WARNING, "{0}", state.ailing);
    }
  }

  private synchronized boolean probes(State state) {
    boolean due = System.nanoTime() - state.probeAt >= 0;
    state.probeAt = due ? System.nanoTime() + PAUSE : state.probeAt;
    return due;
  }
}
