package io.pagoda.tier.remote.minio;

import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a bucket is; {@code reference.conf} explains each.
 *
 * @param endpoint the server
 * @param region the bucket's
 * @param bucket its name
 * @param pathStyle whether the bucket is named in the path, or before the server's name
 * @param credentials who asks; those of the environment unless given
 * @param authorities certificates to trust, in PEM; the platform's unless given
 * @param connectTimeout how long to connect may take
 * @param idle how long a connection is kept that nobody uses
 */
record MinioSettings(
    URI endpoint, String region, String bucket, boolean pathStyle,
    Optional<Credentials> credentials, Optional<Path> authorities, Duration connectTimeout,
    Duration idle) {
  /**
   * Who asks.
   *
   * @param accessKey a name
   * @param secretKey what proves it
   * @param sessionToken empty unless the key is one for a while
   */
  record Credentials(String accessKey, String secretKey, String sessionToken) {
    /** Secrets are not for logs. */
    @Override
    public String toString() {
      return "credentials of " + accessKey;
    }
  }

  static MinioSettings from(Settings settings) {
    return new MinioSettings(
        endpoint(settings), settings.string("region"), settings.string("bucket"),
        settings.flag("path-style"), credentials(settings),
        settings.has("certificate-authorities")
            ? Optional.of(settings.path("certificate-authorities"))
            : Optional.empty(),
        settings.duration("connect-timeout"), settings.duration("idle-timeout"));
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
        "%s: an endpoint is like https://minio.example.com or http://10.0.0.1:9000, not %s"
            .formatted(settings.origin("endpoint"), text),
        cause);
  }

  private static Optional<Credentials> credentials(Settings settings) {
    boolean access = settings.has("access-key");
    boolean secret = settings.has("secret-key");
    boolean session = settings.has("session-token");
    if (access != secret || (session && !access)) {
      throw new SettingsException(
          settings.origin("access-key")
              + ": give both access-key and secret-key, or neither: they are then looked for "
              + "in the environment");
    }
    return access
        ? Optional.of(
            new Credentials(
                settings.string("access-key"), settings.string("secret-key"),
                session ? settings.string("session-token") : ""))
        : Optional.empty();
  }
}
