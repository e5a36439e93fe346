package io.pagoda.remote.s3;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.remote.http.Trust;
import io.pagoda.remote.http.Wire;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Where a bucket is; each plugin's {@code reference.conf} explains them.
 *
 * @param endpoint the server, if it is given
 * @param region the bucket's
 * @param bucket its name
 * @param pathStyle whether the bucket is named in the path, or before the server's name
 * @param credentials who asks, if that is given
 * @param authorities certificates to trust, in PEM; the platform's unless given
 * @param connectTimeout how long to connect may take
 * @param idle how long a connection is kept that nobody uses
 */
public record BucketSettings(
    Optional<URI> endpoint, String region, String bucket, boolean pathStyle,
    Optional<AccessKey> credentials, Optional<Path> authorities, Duration connectTimeout,
    Duration idle) {
  /**
   * Reads them.
   *
   * @param elsewhere where credentials are looked for that are not given, for messages
   * @throws SettingsException if one is not what it should be
   */
  public static BucketSettings from(Settings settings, String elsewhere) {
    return new BucketSettings(
        settings.has("endpoint") ? Optional.of(endpoint(settings)) : Optional.empty(),
        settings.string("region"), settings.string("bucket"), settings.flag("path-style"),
        credentials(settings, elsewhere),
        settings.has("certificate-authorities")
            ? Optional.of(settings.path("certificate-authorities"))
            : Optional.empty(),
        settings.duration("connect-timeout"), settings.duration("idle-timeout"));
  }

  /**
   * Opens connections; none is made before it is needed.
   *
   * @param executor has a thread for each task, which may block
   * @throws PagodaException if TLS cannot be prepared
   */
  public Wire wire(Executor executor) {
    try {
      return new Wire(executor, connectTimeout, idle, Trust.of(authorities));
    } catch (IOException e) {
      throw unprepared(e);
    }
  }

  /** {@return what to throw if TLS cannot be prepared} */
  public static PagodaException unprepared(IOException e) {
    return new PagodaException(
        Fault.PERMANENT, "TLS cannot be prepared; check certificate-authorities: " + e.getMessage(),
        e);
  }

  private static URI endpoint(Settings settings) {
    String text = settings.string("endpoint");
    try {
      URI endpoint = new URI(text);
      boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
      if (http && endpoint.getHost() != null) {
        return endpoint;
      }
    } catch (URISyntaxException e) {
      throw unlikeEndpoint(settings, text, e);
    }
    throw unlikeEndpoint(settings, text, null);
  }

  private static SettingsException unlikeEndpoint(
      Settings settings, String text, @Nullable Exception cause) {
    return new SettingsException(
        "%s: an endpoint is like https://s3.example.com or http://10.0.0.1:9000, not %s"
            .formatted(settings.origin("endpoint"), text),
        cause);
  }

  private static Optional<AccessKey> credentials(Settings settings, String elsewhere) {
    boolean access = settings.has("access-key");
    boolean secret = settings.has("secret-key");
    boolean session = settings.has("session-token");
    if (access != secret || (session && !access)) {
      throw new SettingsException(
          "%s: give both access-key and secret-key, or neither: they are then looked for %s"
              .formatted(settings.origin("access-key"), elsewhere));
    }
    return access
        ? Optional.of(
            new AccessKey(
                settings.string("access-key"), settings.string("secret-key"),
                session ? settings.string("session-token") : ""))
        : Optional.empty();
  }
}
