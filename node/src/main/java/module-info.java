import org.jspecify.annotations.NullMarked;

/** The pagoda command. */
@NullMarked
@SuppressWarnings("requires-automatic") // HdrHistogram has no descriptor
module io.pagoda.node {
  requires com.fasterxml.jackson.core;
  requires info.picocli;
  requires io.pagoda.core;
  requires jdk.management;
  requires jdk.unsupported; // com.sun.nio.file.ExtendedOpenOption: O_DIRECT for a yardstick
  requires HdrHistogram;

  uses io.pagoda.core.deploy.Certifier;

  opens io.pagoda.node to
      info.picocli; // which fills the fields of the commands
}
