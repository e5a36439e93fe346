package io.pagoda.tier.remote.s3;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.remote.http.Wire;
import io.pagoda.remote.objects.ObjectFailure;
import io.pagoda.remote.objects.ObjectFailure.Kind;
import io.pagoda.remote.s3.AccessKey;
import io.pagoda.remote.s3.BucketSettings;
import io.pagoda.remote.s3.ObjectRequests;
import java.net.URI;
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
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.endpoints.S3EndpointProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** What a bucket is opened with. */
final class Opening implements AutoCloseable {
  private final BucketSettings settings;
  private final AwsCredentialsProvider credentials;

  Opening(BucketSettings settings) {
    this.settings = settings;
    this.credentials = settings.credentials()
        .<AwsCredentialsProvider>map(each -> StaticCredentialsProvider.create(known(each)))
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }

  private static AwsCredentials known(AccessKey key) {
    return key.sessionToken().isEmpty()
        ? AwsBasicCredentials.create(key.id(), key.secret())
        : AwsSessionCredentials.create(key.id(), key.secret(), key.sessionToken());
  }

  S3AsyncClient client(SdkAsyncHttpClient http) {
    var builder = S3AsyncClient.builder()
        .httpClient(http)
        .region(Region.of(settings.region()))
        .credentialsProvider(credentials)
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
    return builder.build();
  }

  ObjectRequests objects(Wire wire) {
    return new ObjectRequests(bucket(), settings.region(), this::resolve, wire);
  }

  /** AWS's own rules say where a bucket is; they know its regions and what names allow. */
  private URI bucket() {
    String bucket = settings.bucket();
    if (bucket.startsWith("arn:") || bucket.endsWith("--x-s3")) {
      throw new PagodaException(
          Fault.PERMANENT,
          "%s is an access point or a directory bucket, which are signed for in ways of their own: "
              .formatted(bucket) + "name a general purpose bucket",
          null);
    }
    return S3EndpointProvider.defaultProvider().resolveEndpoint(where -> {
      where.region(Region.of(settings.region()))
          .bucket(bucket)
          .forcePathStyle(settings.pathStyle());
      settings.endpoint().map(URI::toString).ifPresent(where::endpoint);
    }).join().endpointUrl().toUri();
  }

  private AccessKey resolve() {
    try {
      AwsCredentials who = credentials.resolveCredentials();
      String token = who instanceof AwsSessionCredentials session ? session.sessionToken() : "";
      return new AccessKey(who.accessKeyId(), who.secretAccessKey(), token);
    } catch (SdkException e) {
      throw new ObjectFailure(Kind.DENIED, "There are no credentials: " + e.getMessage(), e);
    }
  }

  /** Ends what finds credentials. */
  @Override
  public void close() {
    if (credentials instanceof SdkAutoCloseable finding) {
      finding.close();
    }
  }
}
