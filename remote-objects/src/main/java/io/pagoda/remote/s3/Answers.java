package io.pagoda.remote.s3;

import io.pagoda.remote.http.WireResponse;
import io.pagoda.remote.objects.ObjectFailure;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What servers say of failures, in Pagoda's words. */
public final class Answers {
  private static final Pattern CODE = Pattern.compile("<Code>([^<]*)</Code>");
  private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");

  private Answers() {}

  /**
   * Returns what an answer stands for that is no success.
   *
   * @param what was asked for
   * @param status of HTTP
   * @param code S3's word for it, empty if there is none
   * @param message the server's
   */
  public static ObjectFailure failure(String what, int status, String code, String message) {
    return new ObjectFailure(
        ObjectFailure.kindOf(status, code),
        "%s: the server answers %d %s (%s)".formatted(what, status, code, message), null);
  }

  static ObjectFailure failure(String what, WireResponse response) {
    String body = new String(response.body(), StandardCharsets.UTF_8);
    return failure(what, response.status(), first(CODE, body), first(MESSAGE, body));
  }

  private static String first(Pattern pattern, String body) {
    Matcher matcher = pattern.matcher(body);
    return matcher.find() ? matcher.group(1) : "";
  }
}
