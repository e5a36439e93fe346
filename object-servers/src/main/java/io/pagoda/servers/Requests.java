package io.pagoda.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Plain signed requests to a server, beside the clients that are tested: what a test prepares or
 * looks up behind their backs.
 */
public final class Requests {
  private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");
  private static final Duration LONGEST = Duration.ofSeconds(60);
  private static final int OK = 200;
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;
  private static final int MULTIPLE = 300;
  private static final int TRIES = 240;
  private static final long TRY_NANOS = 250_000_000;

  private final URI endpoint;
  private final HttpClient client;

  /** Speaks plain HTTP. */
  public Requests(URI endpoint) {
    this.endpoint = endpoint;
    this.client = HttpClient.newHttpClient();
  }

  /** Trusts one certificate alone. */
  public Requests(URI endpoint, Path certificate) throws IOException {
    this.endpoint = endpoint;
    this.client = HttpClient.newBuilder().sslContext(trusting(certificate)).build();
  }

  private static SSLContext trusting(Path certificate) throws IOException {
    try (InputStream in = Files.newInputStream(certificate)) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry(
          "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      var context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("Not a certificate: " + certificate, e);
    }
  }

  /** Creates a bucket; that it is there already does not matter. */
  public void createBucket(String name) throws IOException {
    HttpResponse<byte[]> response = send("PUT", "/" + name, "", new byte[0]);
    if (response.statusCode() != OK && response.statusCode() != CONFLICT) {
      throw refused("create bucket " + name, response);
    }
  }

  /** Writes an object, over one that is there. */
  public void put(String bucket, String name, byte[] bytes) throws IOException {
    succeed("write " + name, send("PUT", path(bucket, name), "", bytes));
  }

  /** {@return an object's bytes, nothing if there is none} */
  public Optional<byte[]> get(String bucket, String name) throws IOException {
    HttpResponse<byte[]> response = send("GET", path(bucket, name), "", new byte[0]);
    if (response.statusCode() == NOT_FOUND) {
      return Optional.empty();
    }
    succeed("read " + name, response);
    return Optional.of(response.body());
  }

  /** Deletes an object; that it is not there does not matter. */
  public void delete(String bucket, String name) throws IOException {
    succeed("delete " + name, send("DELETE", path(bucket, name), "", new byte[0]));
  }

  /** {@return the names of the first 1,000 objects, in order} */
  public List<String> list(String bucket) throws IOException {
    HttpResponse<byte[]> response = send("GET", "/" + bucket, "list-type=2", new byte[0]);
    succeed("list " + bucket, response);
    return KEY.matcher(new String(response.body(), StandardCharsets.UTF_8))
        .results()
        .map(key -> key.group(1))
        .toList();
  }

  /** Returns when the server answers a signed request. */
  void awaitReady() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      if (send("GET", "/", "", new byte[0]).statusCode() == OK) {
        return;
      }
      LockSupport.parkNanos(TRY_NANOS);
    }
    throw new IOException("Not ready after a minute: " + endpoint);
  }

  private static String path(String bucket, String name) {
    return "/" + bucket + "/" + name;
  }

  private HttpResponse<byte[]> send(String method, String path, String query, byte[] body)
      throws IOException {
    var target = endpoint.resolve(path + (query.isEmpty() ? "" : "?" + query));
    var request = HttpRequest.newBuilder(target)
        .timeout(LONGEST)
        .method(
            method,
            body.length == 0
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofByteArray(body));
    Map<String, String> signed = new Signature(Credentials.TEST).sign(method, target, body);
    signed.forEach(request::header);
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static void succeed(String what, HttpResponse<byte[]> response) throws IOException {
    if (response.statusCode() >= MULTIPLE) {
      throw refused(what, response);
    }
  }

  private static IOException refused(String what, HttpResponse<byte[]> response) {
    return new IOException(
        "To %s failed with %d: %s".formatted(
            what, response.statusCode(), new String(response.body(), StandardCharsets.UTF_8)));
  }
}
