package io.pagoda.onservers;

import io.pagoda.servers.Credentials;
import io.pagoda.servers.S3Server;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.crt.AwsCrtAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** AWS's asynchronous client on the fastest of its HTTP clients, with as few copies as it can. */
final class BareClient implements AutoCloseable {
  private final S3AsyncClient client;
  private final String bucket;

  BareClient(URI endpoint, String bucket) {
    this.bucket = bucket;
    this.client = S3AsyncClient.builder()
        .httpClientBuilder(AwsCrtAsyncHttpClient.builder().maxConcurrency(64))
        .region(Region.of(S3Server.REGION))
        .endpointOverride(endpoint)
        .forcePathStyle(true)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create(Credentials.TEST.key(), Credentials.TEST.secret())))
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .build();
  }

  CompletableFuture<?> put(String name, MemorySegment from) {
    return client.putObject(
        put -> put.bucket(bucket).key(name).contentLength(from.byteSize()),
        AsyncRequestBody.fromByteBuffersUnsafe(from.asByteBuffer()));
  }

  CompletableFuture<?> get(String name, MemorySegment into) {
    return client.getObject(get -> get.bucket(bucket).key(name), new Into(into));
  }

  /** Copies what comes to memory. */
  private static final class Into
      implements
        AsyncResponseTransformer<GetObjectResponse, Long>,
        Subscriber<ByteBuffer> {
    private final MemorySegment memory;
    private final CompletableFuture<Long> result = new CompletableFuture<>();
    private long position;

    Into(MemorySegment memory) {
      this.memory = memory;
    }

    @Override
    public CompletableFuture<Long> prepare() {
      position = 0;
      return result;
    }

    @Override
    public void onResponse(GetObjectResponse response) {}

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
      publisher.subscribe(this);
    }

    @Override
    public void exceptionOccurred(Throwable error) {
      result.completeExceptionally(error);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
      MemorySegment from = MemorySegment.ofBuffer(bytes);
      MemorySegment.copy(from, 0, memory, position, from.byteSize());
      position += from.byteSize();
    }

    @Override
    public void onError(Throwable error) {
      result.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
      result.complete(position);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
