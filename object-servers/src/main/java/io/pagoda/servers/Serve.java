package io.pagoda.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Starts a server for people: {@code dev/s3-server KIND DIRECTORY}. It writes a configuration of
 * each tier, and runs until its standard input ends or it is interrupted. The lines {@code kill}
 * and {@code restart} do that to it.
 */
public final class Serve {
  private static final String BUCKET = "pagoda";

  private Serve() {}

  /** Takes the kind of server, and the directory for its data and settings. */
  public static void main(String[] arguments) throws IOException {
    var kind = ServerKind.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    var missing = kind.missing();
    if (missing.isPresent()) {
      throw new IOException(kind + ": " + missing.get());
    }
    Path directory = Path.of(arguments[1]).toAbsolutePath();
    try (S3Server server = kind.start(directory)) {
      server.createBucket(BUCKET);
      for (String tier : List.of("s3", "minio")) {
        Files.writeString(directory.resolve(tier + ".conf"), configuration(server, tier));
      }
      System.out.printf("%s; settings in %s; ends with its standard input%n", server, directory);
      obey(server);
    }
  }

  /** Does what standard input says, a line at a time. */
  private static void obey(S3Server server) throws IOException {
    var lines = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      switch (line.strip()) {
        case "kill" -> server.kill();
        case "restart" -> server.restart();
        default -> System.out.println("kill or restart?");
      }
    }
  }

  private static String configuration(S3Server server, String tier) {
    return """
        pagoda.tier.%s {
          endpoint = "%s"
          bucket = %s
          path-style = true
          access-key = %s
          secret-key = %s
        }
        """.formatted(
        tier, server.endpoint(), BUCKET, Credentials.TEST.key(), Credentials.TEST.secret());
  }
}
