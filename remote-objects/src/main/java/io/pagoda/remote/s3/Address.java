package io.pagoda.remote.s3;

import io.pagoda.remote.http.WireRequest.Origin;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * Where objects are, for the server.
 *
 * @param origin whom requests go to
 * @param host the header {@code Host}
 * @param path what comes before an object's name
 */
record Address(Origin origin, String host, String path) {
  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  private static final String PLAIN =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";

  /**
   * Returns where a bucket's objects are.
   *
   * @param bucket its URL: the server with the bucket before its name, or in the path
   */
  static Address of(URI bucket) {
    boolean secure = bucket.getScheme().equals("https");
    int usual = secure ? HTTPS : HTTP;
    int port = bucket.getPort() < 0 ? usual : bucket.getPort();
    String host = port == usual ? bucket.getHost() : bucket.getHost() + ":" + port;
    String path = bucket.getRawPath();
    return new Address(
        new Origin(bucket.getHost(), port, secure), host, path.endsWith("/") ? path : path + "/");
  }

  /** {@return the path of an object, percent-encoded} */
  String path(String object) {
    return path + encoded(object, true);
  }

  /** {@return a value of a query, percent-encoded} */
  static String value(String text) {
    return encoded(text, false);
  }

  private static String encoded(String text, boolean slashes) {
    var encoded = new StringBuilder(text.length() + 16);
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = PLAIN.indexOf(each) >= 0 || (slashes && each == '/');
      if (plain) {
        encoded.append((char) each);
      } else {
        encoded.append("%%%02X".formatted(each & 0xff));
      }
    }
    return encoded.toString();
  }
}
