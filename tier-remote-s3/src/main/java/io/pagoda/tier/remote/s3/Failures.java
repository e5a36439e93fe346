package io.pagoda.tier.remote.s3;

import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.s3.Answers;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What AWS's client says of failures, in Pagoda's words. */
final class Failures {
  private Failures() {}

  /** {@return the failure of a request for {@code what}} */
  static ObjectFailure of(String what, Throwable failure) {
    Throwable cause = ObjectFailure.beneath(failure);
    if (cause instanceof ObjectFailure known) {
      return known;
    }
    if (cause instanceof S3Exception answer) {
      return answered(what, answer);
    }
    Kind kind = credentialsMissing(cause) ? Kind.DENIED : Kind.TRANSIENT;
    String why = OwnHttp.network(cause).map(Throwable::toString).orElse(cause.toString());
    return new ObjectFailure(kind, what + ": " + why, cause);
  }

  private static ObjectFailure answered(String what, S3Exception answer) {
    var details = answer.awsErrorDetails();
    String code = details == null || details.errorCode() == null ? "" : details.errorCode();
    String message = details == null ? answer.getMessage() : details.errorMessage();
    return Answers.failure(what, answer.statusCode(), code, String.valueOf(message));
  }

  private static boolean credentialsMissing(Throwable cause) {
    return cause instanceof SdkClientException
        && OwnHttp.network(cause).isEmpty()
        && String.valueOf(cause.getMessage()).contains("credentials");
  }
}
