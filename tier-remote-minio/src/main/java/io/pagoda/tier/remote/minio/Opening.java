package io.pagoda.tier.remote.minio;

import io.minio.MinioAsyncClient;
import io.minio.credentials.AwsEnvironmentProvider;
import io.minio.credentials.ChainedProvider;
import io.minio.credentials.MinioEnvironmentProvider;
import io.minio.credentials.Provider;
import io.minio.credentials.StaticProvider;
import io.pagoda.remote.http.Trust;
import io.pagoda.remote.http.Wire;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.s3.AccessKey;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.remote.s3.ObjectRequests;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** What a bucket is opened with. */
final class Opening {
  /** No request of the client's own is longer than a page of a listing. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final BucketSettings settings;
  private final URI endpoint;
  private final Provider credentials;
  private final X509TrustManager trusted;

  Opening(BucketSettings settings) {
    this.settings = settings;
    this.endpoint = settings.endpoint().orElseThrow();
    this.credentials = settings.credentials().map(Opening::known).orElseGet(Opening::environment);
    this.trusted = trusted(settings);
  }

  URI endpoint() {
    return endpoint;
  }

  private static X509TrustManager trusted(BucketSettings settings) {
    try {
      return Trust.manager(settings.authorities());
    } catch (IOException e) {
      throw BucketSettings.unprepared(e);
    }
  }

  private static Provider known(AccessKey key) {
    String token = key.sessionToken();
    return new StaticProvider(key.id(), key.secret(), token.isEmpty() ? null : token);
  }

  private static Provider environment() {
    return new ChainedProvider(new MinioEnvironmentProvider(), new AwsEnvironmentProvider());
  }

  MinioAsyncClient client() {
    try {
      MinioAsyncClient client = MinioAsyncClient.builder()
          .endpoint(endpoint.toURL())
          .region(settings.region())
          .credentialsProvider(credentials)
          .httpClient(http(), true)
          .build();
      // Who asks says when to try again.
      client.setRetry(Set.of(), 1L, 1);
      if (settings.pathStyle()) {
        client.disableVirtualStyleEndpoint();
      } else {
        client.enableVirtualStyleEndpoint();
      }
      return client;
    } catch (IOException e) {
      throw BucketSettings.unprepared(e);
    }
  }

  private OkHttpClient http() throws IOException {
    return new OkHttpClient.Builder()
        .sslSocketFactory(Trust.context(trusted).getSocketFactory(), trusted)
        .connectTimeout(settings.connectTimeout())
        .callTimeout(LONGEST)
        .retryOnConnectionFailure(true)
        .build();
  }

  ObjectRequests objects(Wire wire) {
    return new ObjectRequests(bucket(), settings.region(), this::fetch, wire);
  }

  private URI bucket() {
    String server = endpoint.getRawAuthority();
    String bucket = settings.bucket();
    String place = settings.pathStyle() ? server + "/" + bucket : bucket + "." + server;
    return URI.create(endpoint.getScheme() + "://" + place);
  }

  private AccessKey fetch() {
    try {
      var who = credentials.fetch();
      String token = who.sessionToken();
      return new AccessKey(who.accessKey(), who.secretKey(), token == null ? "" : token);
    } catch (Exception e) {
      throw new ObjectFailure(
          Kind.DENIED, "There are no credentials, neither configured nor in the environment: " + e,
          e);
    }
  }
}
