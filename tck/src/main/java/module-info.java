import org.jspecify.annotations.NullMarked;

/**
 * The contracts of the SPIs as tests. A plugin's test implements a contract such as {@link
 * io.pagoda.tck.StorageTierContract}, says how its part is opened, and inherits every test.
 *
 * <p>Beside the contracts are doubles: a plain tier in memory, one that fails by plan, one that is
 * completed by hand, and one that checks its caller.
 */
@NullMarked
module io.pagoda.tck {
  requires transitive io.pagoda.api;
  requires transitive org.junit.jupiter.api;
  requires jdk.management;

  exports io.pagoda.tck;
}
