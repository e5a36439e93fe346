package io.pagoda.tier.remote.minio;

import io.minio.errors.ErrorResponseException;
import io.minio.errors.InvalidResponseException;
import io.minio.errors.ServerException;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.s3.Answers;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What the client says of failures, in Pagoda's words. */
final class Failures {
  private static final int OVERLOADED = 503;

  private Failures() {}

  /** {@return the failure of a request for {@code what}} */
  static ObjectFailure of(String what, Throwable failure) {
    Throwable cause = cause(failure);
    return switch (cause) {
      case ObjectFailure known -> known;
      case ErrorResponseException answer -> Answers.failure(
          what, answer.response().code(), String.valueOf(answer.errorResponse().code()),
          String.valueOf(answer.errorResponse().message()));
      case ServerException answer ->
        Answers.failure(what, answer.statusCode(), "", String.valueOf(answer.getMessage()));
      // Its body is none of S3's: a proxy's, say.
      case InvalidResponseException answer ->
        Answers.failure(what, OVERLOADED, "", String.valueOf(answer.getMessage()));
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
