package io.pagoda.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.PagodaException;
import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ConnectorDeployment;
import io.pagoda.core.plugin.Plugins;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An array arrives as it was, with what it is; and one that is told wrongly does not. */
class MediaExampleTest {
  @Test
  void bringsAnImage() throws Exception {
    PagodaConfig config = PagodaConfig.load(Optional.empty(), Overrides.NONE);
    try (Plugins plugins = Plugins.onModulePath();
        Arena arena = Arena.ofShared();
        ConnectorDeployment there = ConnectorDeployment.open(config, plugins);
        ConnectorDeployment here = ConnectorDeployment.open(config, plugins)) {
      MemorySegment image = arena.allocate(480 * 640 * 3 * 4, 64);
      for (long at = 0; at < image.byteSize(); at += 4) {
        image.set(ValueLayout.JAVA_INT, at, (int) (at * 0x9E3779B1L));
      }
      try (MediaProducer producer =
          new MediaProducer(there.connector(), image, List.of(480, 640, 3), "float32")) {
        MediaConsumer consumer = new MediaConsumer(here.connector());
        for (int i = 0; i < 3; i++) {
          MediaConsumer.Fetched got = consumer.fetch(producer.address(), arena);
          assertEquals(List.of(480, 640, 3), got.shape());
          assertEquals("float32", got.dtype());
          assertEquals(-1, image.mismatch(got.bytes()));
          assertTrue(got.path().startsWith("tcp: "), got.path());
        }
      }
    }
  }

  @Test
  void refusesWhatCannotBe() {
    assertThrows(PagodaException.class, () -> MediaArray.parse("""
        {"shape":[2],"dtype":"uint8","rdma":{"descriptors":[]}}"""));
    assertThrows(IllegalArgumentException.class, () -> MediaArray.bytes(List.of(2), "complex64"));
  }

  @Test
  void runsAsAProgram() throws Exception {
    MediaExample.main();
  }
}
