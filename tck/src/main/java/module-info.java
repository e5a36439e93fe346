import org.jspecify.annotations.NullMarked;

/** The contracts of the SPIs as tests. */
@NullMarked
module io.pagoda.tck {
  requires transitive io.pagoda.api;
  requires transitive org.junit.jupiter.api;
}
