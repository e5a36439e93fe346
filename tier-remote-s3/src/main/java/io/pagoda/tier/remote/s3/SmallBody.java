package io.pagoda.tier.remote.s3;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * A body that is in an array, or empty since its bytes went elsewhere.
 *
 * @param bytes the array
 */
record SmallBody(byte[] bytes) implements Publisher<ByteBuffer> {
  @Override
  public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
    var done = new AtomicBoolean();
    subscriber.onSubscribe(new Subscription() {
      @Override
      public void request(long count) {
        if (done.compareAndSet(false, true)) {
          if (bytes.length > 0) {
            subscriber.onNext(ByteBuffer.wrap(bytes));
          }
          subscriber.onComplete();
        }
      }

      @Override
      public void cancel() {
        done.set(true);
      }
    });
  }

  /** {@return all bytes that a publisher has} */
  static CompletableFuture<byte[]> collect(Publisher<ByteBuffer> from) {
    var result = new CompletableFuture<byte[]>();
    var bytes = new ByteArrayOutputStream();
    from.subscribe(new Subscriber<>() {
      @Override
      public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
      }

      @Override
      public void onNext(ByteBuffer next) {
        byte[] copy = new byte[next.remaining()];
        next.get(copy);
        bytes.writeBytes(copy);
      }

      @Override
      public void onError(Throwable failure) {
        result.completeExceptionally(failure);
      }

      @Override
      public void onComplete() {
        result.complete(bytes.toByteArray());
      }
    });
    return result;
  }
}
