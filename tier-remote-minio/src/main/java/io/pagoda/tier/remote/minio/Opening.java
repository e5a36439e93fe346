package io.pagoda.tier.remote.minio;

import io.minio.MinioAsyncClient;
import io.minio.credentials.AwsEnvironmentProvider;
import io.minio.credentials.ChainedProvider;
import io.minio.credentials.Credentials;
import io.minio.credentials.MinioEnvironmentProvider;
import io.minio.credentials.Provider;
import io.minio.credentials.StaticProvider;
import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.remote.http.Trust;
import io.pagoda.remote.http.Wire;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** What a bucket is opened with. */
final class Opening {
  /** No request of the client's own is longer than a page of a listing. */
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final MinioSettings settings;
  private final Executor executor;
  private final Provider credentials;
  private final X509TrustManager trusted;

  Opening(MinioSettings settings, Executor executor) {
    this.settings = settings;
    this.executor = executor;
    this.credentials = settings.credentials().map(Opening::known).orElseGet(Opening::environment);
    this.trusted = trusted(settings);
  }

  private static X509TrustManager trusted(MinioSettings settings) {
    try {
      return Trust.manager(settings.authorities());
    } catch (IOException e) {
      throw unprepared(e);
    }
  }

  private static PagodaException unprepared(IOException e) {
    return new PagodaException(
        Fault.PERMANENT, "TLS cannot be prepared; check certificate-authorities: " + e.getMessage(),
        e);
  }

  private static Provider known(MinioSettings.Credentials credentials) {
    return credentials.sessionToken().isEmpty()
        ? new StaticProvider(credentials.accessKey(), credentials.secretKey(), null)
        : new StaticProvider(
            credentials.accessKey(), credentials.secretKey(), credentials.sessionToken());
  }

  private static Provider environment() {
    return new ChainedProvider(new MinioEnvironmentProvider(), new AwsEnvironmentProvider());
  }

  MinioAsyncClient client() {
    try {
      MinioAsyncClient client = MinioAsyncClient.builder()
          .endpoint(settings.endpoint().toURL())
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
      throw unprepared(e);
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

  ObjectRequests objects() {
    try {
      var wire =
          new Wire(executor, settings.connectTimeout(), settings.idle(), Trust.context(trusted));
      var signer = new Signer(this::fetch, settings.region());
      return new ObjectRequests(wire, signer, Address.of(settings));
    } catch (IOException e) {
      throw unprepared(e);
    }
  }

  private Credentials fetch() {
    try {
      return credentials.fetch();
    } catch (Exception e) {
      throw new ObjectFailure(
          Kind.DENIED, "There are no credentials, neither configured nor in the environment: " + e,
          e);
    }
  }
}
