package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * docs/config-reference.md says what the modules' reference.conf say. It is written with
 * {@code -Dpagoda.write=true}.
 */
class ConfigReferenceTest {
  static final List<String> MODULES = List.of(
      "core", "tier-cpu", "tier-ssd", "tier-gpu", "tier-remote-s3", "tier-remote-minio",
      "eviction-classic", "transport-tcp", "transport-rdma");

  @Test
  void tellsEveryKeyOfEveryModule() throws IOException {
    StringBuilder expected = new StringBuilder("""
        # Configuration reference

        Every key with its default, from the modules' `reference.conf`: generated, do not edit.
        `pagoda config --config FILE` prints what a deployment makes of them.
        """);
    for (String module : MODULES) {
      expected.append("\n## ")
          .append(module)
          .append("\n\n```hocon\n")
          .append(SourceTree.text(module + "/src/main/resources/reference.conf").strip())
          .append("\n```\n");
    }
    Path reference = SourceTree.path("docs/config-reference.md");
    if (Boolean.getBoolean("pagoda.write")) {
      Files.writeString(reference, expected);
    }
    assertEquals(
        expected.toString(), SourceTree.text("docs/config-reference.md"),
        "a reference.conf has changed: run this test with -Dpagoda.test.jvm=-Dpagoda.write=true");
  }
}
