package io.pagoda.tier.ssd;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What may be found after a restart, and what must, by what a tier was asked and answered. */
final class Expectation {
  private static final Set<Long> NOTHING = Set.of();

  private final Map<Integer, Set<Long>> allowed = new HashMap<>();
  private final Map<Integer, Long> promised = new HashMap<>();
  private int acknowledged;

  /** A store of {@code name} to {@code slot} begins: from now on nothing is sure. */
  void begins(int slot, long name) {
    promised.remove(slot);
    allowed.computeIfAbsent(slot, _ -> new HashSet<>()).add(name);
  }

  /** That store has completed. */
  void completed(int slot, long name) {
    acknowledged++;
    promised.put(slot, name);
    allowed.put(slot, new HashSet<>(Set.of(name)));
  }

  /** A slot is given up, some time. */
  void forgets(int slot) {
    promised.remove(slot);
  }

  /** All is given up, some time. */
  void forgetsAll() {
    promised.clear();
  }

  /** All has been given up. */
  void forgotAll() {
    promised.clear();
    allowed.clear();
  }

  /** {@return how many stores have completed} */
  int acknowledged() {
    return acknowledged;
  }

  /** Does what {@code line} says: a letter, and what belongs to it. */
  void follow(String line) {
    String[] words = line.split(" ", -1);
    switch (words[0]) {
      case "I" -> begins(Integer.parseInt(words[1]), Long.parseLong(words[2]));
      case "A" -> completed(Integer.parseInt(words[1]), Long.parseLong(words[2]));
      case "F" -> forgets(Integer.parseInt(words[1]));
      case "G" -> forgetsAll();
      case "g" -> forgotAll();
      default -> throw new IllegalArgumentException(line);
    }
  }

  /**
   * Compares a tier with this, and takes what it has as what is there.
   *
   * @return how many blocks were found that verify
   */
  int check(Vault vault) {
    promised.forEach((slot, name) -> {
      if (!name.equals(vault.names().get(slot)) || !vault.verifies(vault.found(slot))) {
        throw new AssertionError(
            "slot %d was acknowledged to hold %d, and has %s"
                .formatted(slot, name, vault.found().get(slot)));
      }
    });
    int verified = 0;
    Map<Integer, Set<Long>> left = new HashMap<>();
    for (Vault.Block block : vault.found().values()) {
      if (!allowed.getOrDefault(block.slot(), NOTHING).contains(block.name())) {
        throw new AssertionError("nobody stored, or all forgot: " + block);
      }
      if (vault.verifies(block)) {
        promised.put(block.slot(), block.name());
        verified++;
      }
      left.put(block.slot(), new HashSet<>(Set.of(block.name())));
    }
    allowed.clear();
    allowed.putAll(left);
    return verified;
  }
}
