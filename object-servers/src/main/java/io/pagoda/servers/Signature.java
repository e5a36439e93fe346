package io.pagoda.servers;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** AWS's signature, version 4, of requests whose paths need no escapes. */
record Signature(Credentials credentials) {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'");
  private static final int DAY = 8;

  /** {@return the headers that sign a request} */
  Map<String, String> sign(String method, URI target, byte[] body) {
    String time = ZonedDateTime.now(ZoneOffset.UTC).format(TIME);
    String hash = hex(sha256(body));
    String scope = time.substring(0, DAY) + "/" + S3Server.REGION + "/s3/aws4_request";
    String names = "host;x-amz-content-sha256;x-amz-date";
    String query = target.getRawQuery() == null ? "" : target.getRawQuery();
    String request = String.join(
        "\n", method, target.getRawPath(), query, "host:" + target.getAuthority(),
        "x-amz-content-sha256:" + hash, "x-amz-date:" + time, "", names, hash);
    String signed = String.join("\n", "AWS4-HMAC-SHA256", time, scope, hex(sha256(bytes(request))));
    return Map.of(
        "x-amz-content-sha256", hash, "x-amz-date", time, "Authorization",
        "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(credentials.key(), scope, names, hex(hmac(key(scope), signed))));
  }

  private byte[] key(String scope) {
    byte[] key = bytes("AWS4" + credentials.secret());
    for (String part : scope.split("/", -1)) {
      key = hmac(key, part);
    }
    return key;
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has HmacSHA256", e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
