package io.pagoda.tier.ssd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** What a former run left in the directories of a tier. */
sealed interface Inheritance {
  /** Nothing that counts. */
  record Nothing() implements Inheritance {}

  /**
   * The blocks of this tier.
   *
   * @param superblocks one for each directory, in order
   */
  record Blocks(List<Superblock> superblocks) implements Inheritance {}

  /**
   * What a tier of these settings cannot use.
   *
   * @param why what differs, and both values
   */
  record Foreign(String why) implements Inheritance {}

  /**
   * Looks into {@code directories}.
   *
   * @param layout that of the tier that is to be opened
   * @throws io.pagoda.PagodaException if a newer version wrote what is there
   */
  static Inheritance in(List<Path> directories, Layout layout) throws IOException {
    List<Optional<Superblock>> found = new ArrayList<>();
    try {
      for (Path directory : directories) {
        found.add(Superblock.read(directory));
      }
    } catch (Superblock.DamagedException damaged) {
      return new Foreign(String.valueOf(damaged.getMessage()));
    }
    List<Superblock> all = found.stream().flatMap(Optional::stream).toList();
    if (all.stream().noneMatch(Superblock::ready) || isBeingFormed(all, directories.size())) {
      return new Nothing();
    }
    return compared(directories, found, layout);
  }

  /** The process ended while one tier became ready, or was reset, directory after directory. */
  private static boolean isBeingFormed(List<Superblock> all, int directories) {
    UUID tier = all.getFirst().tier();
    return all.size() == directories
        && all.stream().allMatch(one -> one.tier().equals(tier))
        && !all.stream().allMatch(Superblock::ready);
  }

  private static Inheritance compared(
      List<Path> directories, List<Optional<Superblock>> found, Layout layout) {
    Superblock first = found.stream().flatMap(Optional::stream).findFirst().orElseThrow();
    Optional<String> order = formerOrder(directories, found, first);
    if (order.isPresent()) {
      return new Foreign(
          "its devices are listed in another order than before, which was " + order.get());
    }
    List<Superblock> superblocks = new ArrayList<>();
    for (int i = 0; i < directories.size(); i++) {
      if (found.get(i).isEmpty()) {
        return new Foreign(
            ("%s has no superblock, and another directory of the tier has one: is its device "
                + "mounted, and the path right?").formatted(directories.get(i)));
      }
      Superblock one = found.get(i).get();
      Optional<String> difference = difference(one, i, first, layout);
      if (difference.isPresent()) {
        return new Foreign("%s is of %s".formatted(directories.get(i), difference.get()));
      }
      superblocks.add(one);
    }
    return new Blocks(superblocks);
  }

  /** {@return the directories in the order of their numbers, if all are there but in another} */
  private static Optional<String> formerOrder(
      List<Path> directories, List<Optional<Superblock>> found, Superblock first) {
    Map<Integer, Path> byNumber = new TreeMap<>();
    for (int i = 0; i < directories.size(); i++) {
      if (found.get(i).isPresent() && found.get(i).get().tier().equals(first.tier())) {
        byNumber.put(found.get(i).get().directory(), directories.get(i));
      }
    }
    List<Path> former = List.copyOf(byNumber.values());
    return former.size() == directories.size()
        && first.layout().directories() == former.size()
        && !former.equals(directories) ? Optional.of(former.toString()) : Optional.empty();
  }

  private static Optional<String> difference(
      Superblock one, int directory, Superblock first, Layout layout) {
    Layout was = one.layout();
    if (!one.tier().equals(first.tier())) {
      return Optional
          .of("tier %s, and another directory is of tier %s".formatted(one.tier(), first.tier()));
    }
    return differs("a tier of %d directories", was.directories(), layout.directories())
        .or(() -> differs("directory number %d of its tier", one.directory(), directory))
        .or(() -> differs("a tier of blocks of %d bytes", was.blockBytes(), layout.blockBytes()))
        .or(
            () -> differs(
                "a tier of %d blocks per file", was.slotsPerFile(), layout.slotsPerFile()))
        .or(
            () -> was.slots() <= layout.slots()
                ? Optional.empty()
                : differs("a larger tier of %d blocks", was.slots(), layout.slots()))
        .or(() -> moved(was.striping(), layout.striping()))
        .or(
            () -> one.shape().equals(first.shape())
                ? Optional.empty()
                : Optional.of("a tier sealed as " + one.shape() + ", another as " + first.shape()));
  }

  private static Optional<String> moved(Striping was, Striping is) {
    return is.continues(was)
        ? Optional.empty()
        : Optional.of(
            ("a tier whose devices hold %s blocks, and the settings make that %s. Its devices grow "
                + "together: each by the same factor").formatted(was, is));
  }

  private static Optional<String> differs(String what, long was, long is) {
    return was == is
        ? Optional.empty()
        : Optional.of(what.formatted(was) + ", and the settings make that " + is);
  }
}
