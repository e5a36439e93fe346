package io.pagoda.tier.remote.s3;

import io.pagoda.remote.objects.Upload;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** What AWS's client sees of bodies whose bytes bypass it. */
final class Bodies {
  private Bodies() {}

  /** {@return the body of an upload: a length} */
  static AsyncRequestBody of(Upload upload) {
    return new AsyncRequestBody() {
      @Override
      public Optional<Long> contentLength() {
        return Optional.of(upload.length());
      }

      @Override
      public String contentType() {
        return "application/octet-stream";
      }

      @Override
      public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
        // Who asks would make a checksum of it, which would be a copy: the settings forbid that.
        new SmallBody(new byte[0]).subscribe(subscriber);
      }
    };
  }

  /** {@return who waits for the end of a body} */
  static AsyncResponseTransformer<GetObjectResponse, Void> ending() {
    var end = new CompletableFuture<Void>();
    return new AsyncResponseTransformer<>() {
      @Override
      public CompletableFuture<Void> prepare() {
        return end;
      }

      @Override
      public void onResponse(GetObjectResponse response) {}

      @Override
      public void onStream(SdkPublisher<ByteBuffer> body) {
        CompletableFuture<byte[]> _ = SmallBody.collect(body).whenComplete((_, failure) -> {
          if (failure == null) {
            end.complete(null);
          } else {
            end.completeExceptionally(failure);
          }
        });
      }

      @Override
      public void exceptionOccurred(Throwable failure) {
        end.completeExceptionally(failure);
      }
    };
  }
}
