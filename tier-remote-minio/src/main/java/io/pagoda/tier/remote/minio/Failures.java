package io.pagoda.tier.remote.minio;

import io.minio.errors.ErrorResponseException;
import io.minio.errors.InvalidResponseException;
import io.minio.errors.ServerException;
import io.pagoda.remote.http.WireResponse;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What servers and the client say of failures, in Pagoda's words. */
final class Failures {
  private static final Pattern CODE = Pattern.compile("<Code>([^<]*)</Code>");
  private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]*)</Message>");
  private static final int OVERLOADED = 503;

  private Failures() {}

  /** {@return what a response of 300 or more stands for} */
  static ObjectFailure answered(String what, WireResponse response) {
    String body = new String(response.body(), StandardCharsets.UTF_8);
    return answered(what, response.status(), first(CODE, body), first(MESSAGE, body));
  }

  private static ObjectFailure answered(String what, int status, String code, String message) {
    return new ObjectFailure(
        ObjectFailure.kindOf(status, code),
        "%s: the server answers %d %s (%s)".formatted(what, status, code, message), null);
  }

  private static String first(Pattern pattern, String body) {
    Matcher matcher = pattern.matcher(body);
    return matcher.find() ? matcher.group(1) : "";
  }

  /** {@return the failure of a request for {@code what}} */
  static ObjectFailure of(String what, Throwable failure) {
    Throwable cause = cause(failure);
    return switch (cause) {
      case ObjectFailure known -> known;
      case ErrorResponseException answer -> answered(
          what, answer.response().code(), String.valueOf(answer.errorResponse().code()),
          String.valueOf(answer.errorResponse().message()));
      case ServerException answer ->
        answered(what, answer.statusCode(), "", String.valueOf(answer.getMessage()));
      // Its body is none of S3's: a proxy's, say.
      case InvalidResponseException answer ->
        answered(what, OVERLOADED, "", String.valueOf(answer.getMessage()));
      default -> new ObjectFailure(Kind.TRANSIENT, what + ": " + cause, cause);
    };
  }

  private static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
