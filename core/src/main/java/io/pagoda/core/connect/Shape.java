package io.pagoda.core.connect;

import io.pagoda.Descriptor;
import io.pagoda.RdmaMetadata;
import io.pagoda.RemoteDescriptor;
import java.util.List;

/** Which stretches go together. */
final class Shape {
  private Shape() {}

  /** Refuses what no operation is made of. */
  static void check(List<Descriptor> local) {
    if (local.isEmpty()) {
      throw Troubles.shape("an operation has one descriptor at least; this list is empty");
    }
    if (local.size() > RdmaMetadata.MAX_DESCRIPTORS) {
      throw Troubles.shape(
          "%d descriptors are more than %d".formatted(local.size(), RdmaMetadata.MAX_DESCRIPTORS));
    }
    for (int i = 1; i < local.size(); i++) {
      if (local.get(i).device().kind() != local.getFirst().device().kind()) {
        throw Troubles.shape(
            "all of one side are memory of one kind; descriptor 0 is of %s and descriptor %d of %s"
                .formatted(local.getFirst().device(), i, local.get(i).device()));
      }
    }
  }

  /** Refuses what does not go together. One alone, and a list of one, are the same. */
  static void check(List<RemoteDescriptor> remote, List<Descriptor> local) {
    check(local);
    if ((remote.size() == 1) != (local.size() == 1)) {
      throw Troubles.shape(
          "a list goes with a list, and a single descriptor with a single one: %s there, %s here"
              .formatted(count(remote.size()), count(local.size())));
    }
    if (remote.size() != local.size()) {
      throw Troubles.shape(
          "the lists differ in length: %d there, %d here".formatted(remote.size(), local.size()));
    }
    for (int i = 0; i < local.size(); i++) {
      if (remote.get(i).bytes() != local.get(i).bytes()) {
        throw Troubles.shape(
            "descriptor %d has %d bytes there and %d here"
                .formatted(i, remote.get(i).bytes(), local.get(i).bytes()));
      }
    }
  }

  private static String count(int size) {
    return size == 1 ? "a single one" : "a list of " + size;
  }
}
