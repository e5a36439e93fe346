package io.pagoda.tier.remote.s3;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.remote.http.Trust;
import io.pagoda.remote.http.Wire;
import io.pagoda.remote.objects.Bucket;
import io.pagoda.remote.objects.Download;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.objects.Try;
import io.pagoda.remote.objects.Upload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A bucket through AWS's asynchronous client.
 *
 * <p><b>Threads.</b> Any. A call prepares and signs its request, which takes some tens of
 * microseconds.
 */
final class S3Bucket implements Bucket {
  private final S3AsyncClient client;
  private final OwnHttp http;
  private final String bucket;
  private final String where;

  private S3Bucket(S3AsyncClient client, OwnHttp http, S3Settings settings) {
    this.client = client;
    this.http = http;
    this.bucket = settings.bucket();
    this.where = "bucket %s at %s".formatted(
        bucket, settings.endpoint().map(Object::toString).orElse("AWS " + settings.region()));
  }

  /**
   * Opens a bucket; nothing is asked of the server.
   *
   * @param executor has a thread for each task, which may block
   */
  static S3Bucket open(S3Settings settings, Executor executor) {
    var http = new OwnHttp(wire(settings, executor));
    var builder = S3AsyncClient.builder()
        .httpClient(http)
        .region(Region.of(settings.region()))
        .credentialsProvider(credentials(settings))
        .forcePathStyle(settings.pathStyle())
        .multipartEnabled(false)
        // Blocks have checksums of their own, and servers that are not AWS's may know no others.
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .serviceConfiguration(S3Configuration.builder().expectContinueEnabled(false).build())
        .asyncConfiguration(
            async -> async.advancedOption(
                SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
        .overrideConfiguration(all -> all.retryStrategy(AwsRetryStrategy.doNotRetry()));
    settings.endpoint().ifPresent(builder::endpointOverride);
    return new S3Bucket(builder.build(), http, settings);
  }

  private static Wire wire(S3Settings settings, Executor executor) {
    try {
      return new Wire(
          executor, settings.connectTimeout(), settings.idle(), Trust.of(settings.authorities()));
    } catch (IOException e) {
      throw new PagodaException(
          Fault.PERMANENT,
          "TLS cannot be prepared; check certificate-authorities: " + e.getMessage(), e);
    }
  }

  private static AwsCredentialsProvider credentials(S3Settings settings) {
    return settings.credentials()
        .<AwsCredentialsProvider>map(each -> StaticCredentialsProvider.create(known(each)))
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }

  private static AwsCredentials known(S3Settings.Credentials credentials) {
    return credentials.sessionToken().isEmpty()
        ? AwsBasicCredentials.create(credentials.accessKey(), credentials.secretKey())
        : AwsSessionCredentials
            .create(credentials.accessKey(), credentials.secretKey(), credentials.sessionToken());
  }

  @Override
  public CompletionStage<Void> check(Try one) {
    return list("", "", 1, one).thenApply(_ -> null);
  }

  @Override
  public CompletionStage<Void> get(String name, Download into) {
    var request = GetObjectRequest.builder().bucket(bucket).key(name);
    into.range().ifPresent(request::range);
    into.tag().filter(tag -> !tag.isEmpty()).ifPresent(request::ifMatch);
    request.overrideConfiguration(TryAttribute.of(into));
    return asked("GET " + name, () -> client.getObject(request.build(), Bodies.ending()));
  }

  @Override
  public CompletionStage<Void> put(String name, Upload from) {
    var request = PutObjectRequest.builder().bucket(bucket).key(name);
    if (from.ifAbsent()) {
      request.ifNoneMatch("*");
    }
    request.overrideConfiguration(TryAttribute.of(from));
    return asked("PUT " + name, () -> client.putObject(request.build(), Bodies.of(from)))
        .thenApply(_ -> null);
  }

  @Override
  public CompletionStage<OptionalLong> size(String name, Try one) {
    return asked(
        "HEAD " + name,
        () -> client.headObject(
            head -> head.bucket(bucket).key(name).overrideConfiguration(TryAttribute.of(one))))
        .thenApply(head -> OptionalLong.of(head.contentLength()))
        .exceptionally(S3Bucket::absent);
  }

  private static OptionalLong absent(Throwable failure) {
    ObjectFailure known = Failures.of("HEAD", failure);
    if (known.kind() == Kind.MISSING) {
      return OptionalLong.empty();
    }
    throw known;
  }

  @Override
  public CompletionStage<Page> list(String prefix, String after, int most, Try one) {
    return asked("A listing of " + prefix, () -> client.listObjectsV2(list -> {
      list.bucket(bucket).prefix(prefix).maxKeys(most);
      if (!after.isEmpty()) {
        list.startAfter(after);
      }
      list.overrideConfiguration(TryAttribute.of(one));
    })).thenApply(
        page -> new Page(
            page.contents().stream().map(S3Bucket::listed).toList(),
            Boolean.TRUE.equals(page.isTruncated())));
  }

  private static Listed listed(S3Object object) {
    return new Listed(object.key(), object.size(), object.lastModified().toEpochMilli());
  }

  @Override
  public CompletionStage<Void> delete(List<String> names, Try one) {
    List<ObjectIdentifier> each =
        names.stream().map(name -> ObjectIdentifier.builder().key(name).build()).toList();
    return asked(
        "To delete %d objects".formatted(names.size()),
        () -> client.deleteObjects(
            delete -> delete.bucket(bucket)
                .delete(list -> list.objects(each).quiet(true))
                .overrideConfiguration(TryAttribute.of(one))))
        .thenApply(answer -> {
          if (answer.hasErrors() && !answer.errors().isEmpty()) {
            var first = answer.errors().getFirst();
            throw new ObjectFailure(
                ObjectFailure.kindOf(500, String.valueOf(first.code())),
                "%s was not deleted: %s".formatted(first.key(), first.message()), null);
          }
          return null;
        });
  }

  @Override
  public CompletionStage<String> beginParts(String name, Try one) {
    return asked(
        "To begin parts of " + name,
        () -> client.createMultipartUpload(
            begin -> begin.bucket(bucket).key(name).overrideConfiguration(TryAttribute.of(one))))
        .thenApply(begun -> begun.uploadId());
  }

  @Override
  public CompletionStage<String> putPart(String name, String parts, int number, Upload from) {
    return asked(
        "PUT part %d of %s".formatted(number, name),
        () -> client.uploadPart(
            part -> part.bucket(bucket)
                .key(name)
                .uploadId(parts)
                .partNumber(number)
                .overrideConfiguration(TryAttribute.of(from)),
            Bodies.of(from)))
        .thenApply(part -> part.eTag());
  }

  @Override
  public CompletionStage<Void> endParts(
      String name, String parts, List<String> tags, boolean ifAbsent, Try one) {
    List<CompletedPart> completed = new ArrayList<>();
    for (String tag : tags) {
      completed.add(CompletedPart.builder().partNumber(completed.size() + 1).eTag(tag).build());
    }
    return asked("To end parts of " + name, () -> client.completeMultipartUpload(end -> {
      end.bucket(bucket).key(name).uploadId(parts).multipartUpload(all -> all.parts(completed));
      if (ifAbsent) {
        end.ifNoneMatch("*");
      }
      end.overrideConfiguration(TryAttribute.of(one));
    })).thenApply(_ -> null);
  }

  @Override
  public CompletionStage<Void> dropParts(String name, String parts, Try one) {
    return asked(
        "To drop parts of " + name,
        () -> client.abortMultipartUpload(
            drop -> drop.bucket(bucket)
                .key(name)
                .uploadId(parts)
                .overrideConfiguration(TryAttribute.of(one))))
        .thenApply(_ -> null);
  }

  private static <T> CompletionStage<T> asked(String what, Supplier<CompletionStage<T>> request) {
    return request.get().exceptionally(failure -> {
      throw Failures.of(what, failure);
    });
  }

  @Override
  public void close() {
    try (http) {
      client.close();
    }
  }

  @Override
  public String toString() {
    return where;
  }
}
