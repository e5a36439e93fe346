package io.pagoda.core.door;

import io.pagoda.ModelSpec;
import io.pagoda.Namespace;
import java.util.ArrayList;
import java.util.List;

/** What would make a request find blocks that are held under another name. */
final class Advice {
  private Advice() {}

  static String of(TokenDoor here, TokenDoor there, Namespace asked, Namespace holding) {
    List<String> differences = differences(here.model(), there.model());
    if (!asked.equals(holding)) {
      differences.add("the namespace is %s here".formatted(asked.parts()));
    }
    return differences.isEmpty()
        ? "ask again"
        : "they are shared only if %s the same: %s".formatted(
            differences.size() == 1 ? "this is" : "these are", String.join(", ", differences));
  }

  private static List<String> differences(ModelSpec here, ModelSpec there) {
    List<String> found = new ArrayList<>();
    add(found, "the model's name", here.name(), there.name());
    add(found, "tokens per block", here.tokensPerBlock(), there.tokensPerBlock());
    add(found, "the number of ranks", here.tensorParallel(), there.tensorParallel());
    add(found, "the groups of layers", here.groups(), there.groups());
    return found;
  }

  private static void add(List<String> found, String what, Object here, Object there) {
    if (!here.equals(there)) {
      found.add("%s (%s here, %s there)".formatted(what, here, there));
    }
  }
}
