package io.pagoda.examples;

import io.pagoda.core.config.Overrides;
import io.pagoda.core.config.PagodaConfig;
import io.pagoda.core.deploy.ConnectorDeployment;
import io.pagoda.core.plugin.Plugins;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A producer and a consumer of a decoded image, each with a connector of its own. With the address
 * of a producer it only consumes; with {@code produce} it only produces, until its input ends.
 */
public final class MediaExample {
  private static final List<Integer> SHAPE = List.of(1080, 1920, 3);
  private static final String DTYPE = "uint8";

  private MediaExample() {}

  /**
   * Runs it.
   *
   * @param args a configuration file; and {@code produce}, or a producer's address
   */
  public static void main(String... args) throws IOException, InterruptedException {
    Optional<Path> file = args.length > 0 ? Optional.of(Path.of(args[0])) : Optional.empty();
    PagodaConfig config = PagodaConfig.load(file, Overrides.NONE);
    try (Plugins plugins = Plugins.onModulePath()) {
      if (args.length < 2) {
        both(config, plugins);
      } else if (args[1].equals("produce")) {
        produce(config, plugins);
      } else {
        consume(config, plugins, URI.create(args[1]));
      }
    }
  }

  private static void both(PagodaConfig config, Plugins plugins)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared();
        ConnectorDeployment there = ConnectorDeployment.open(config, plugins);
        MediaProducer producer = new MediaProducer(there.connector(), image(arena), SHAPE, DTYPE)) {
      consume(config, plugins, producer.address());
    }
  }

  private static void produce(PagodaConfig config, Plugins plugins) throws IOException {
    try (Arena arena = Arena.ofShared();
        ConnectorDeployment there = ConnectorDeployment.open(config, plugins);
        MediaProducer producer = new MediaProducer(there.connector(), image(arena), SHAPE, DTYPE)) {
      System.out.println(producer.address());
      System.in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void consume(PagodaConfig config, Plugins plugins, URI address)
      throws IOException, InterruptedException {
    try (Arena arena = Arena.ofShared();
        ConnectorDeployment here = ConnectorDeployment.open(config, plugins)) {
      MediaConsumer.Fetched image = new MediaConsumer(here.connector()).fetch(address, arena);
      boolean right = image(arena).mismatch(image.bytes()) < 0;
      System.out.printf(
          "%s of %s, %d bytes, %s, by %s%n", image.shape(), image.dtype(), image.bytes().byteSize(),
          right ? "every one right" : "WRONG", image.path());
    }
  }

  /** {@return what a decoder would have made: a gradient} */
  private static MemorySegment image(Arena arena) {
    MemorySegment image = arena.allocate(MediaArray.bytes(SHAPE, DTYPE), 64);
    int width = SHAPE.get(1) * SHAPE.get(2);
    for (long at = 0; at < image.byteSize(); at++) {
      image.set(ValueLayout.JAVA_BYTE, at, (byte) (at / width * 7 + at % width * 13));
    }
    return image;
  }
}
