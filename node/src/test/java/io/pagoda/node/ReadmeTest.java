package io.pagoda.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.core.StageTimes;
import io.pagoda.core.config.Overrides;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What README.md shows works as it stands there. */
class ReadmeTest {
  private static final String AROUND = """
      import io.pagoda.*;
      import io.pagoda.core.*;
      import io.pagoda.core.config.*;
      import io.pagoda.core.deploy.*;
      import io.pagoda.core.key.*;
      import io.pagoda.core.plugin.*;
      import java.lang.foreign.MemorySegment;
      import java.nio.file.Path;
      import java.util.*;

      class Shown {
        void run(List<MemorySegment> layerTensors, int blocks, String tenant, String adapter,
            int[] promptIds, int[] blockTable, long[] slots) {
      SHOWN
        }

        void compute(int layer) {}
      }
      """;

  @TempDir Path directory;

  /** The first block of code in a language. */
  private static String shown(String language) throws IOException {
    Matcher blocks = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(SourceTree.text("README.md"));
    assertTrue(blocks.find(), () -> "no block of " + language);
    return blocks.group(1);
  }

  @Test
  void itsJavaCompiles() throws IOException {
    Path source =
        Files.writeString(directory.resolve("Shown.java"), AROUND.replace("SHOWN", shown("java")));
    StringWriter said = new StringWriter();
    int code = ToolProvider.findFirst("javac")
        .orElseThrow()
        .run(
            new PrintWriter(said), new PrintWriter(said), "-d", directory.toString(),
            "--module-path", System.getProperty("jdk.module.path"), "--add-modules",
            "io.pagoda.core", source.toString());
    assertEquals(0, code, said::toString);
  }

  @Test
  void itsConfigurationOpens() throws IOException {
    String small = shown("hocon").replace("64GiB", "8MiB")
        .replace("2TiB", "16MiB")
        .replace("/var/lib/pagoda", directory.resolve("blocks").toString());
    Path file = Files.writeString(directory.resolve("pagoda.conf"), small);
    assertTrue(small.contains("16MiB") && small.contains("blocks"), small);
    try (OpenStore open =
        new ConfiguredStores().open(Optional.of(file), Overrides.NONE, StageTimes.NONE)) {
      assertEquals(2 << 20, open.block().bytes());
      assertEquals(2, open.store().statistics().tiers().size());
      assertTrue(Files.exists(directory.resolve("blocks/slots-00000.pagoda")));
    }
  }
}
