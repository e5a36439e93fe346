import io.pagoda.spi.tier.TierProvider;
import io.pagoda.tier.remote.s3.S3TierProvider;
import org.jspecify.annotations.NullMarked;

/** The {@code s3} tier: blocks as objects of a bucket, by AWS's client. */
@NullMarked
@SuppressWarnings({"requires-automatic", "module"}) // AWS's client has no descriptors; S3 ends in a digit
module io.pagoda.tier.remote.s3 {
  // The version of the api that a plugin was compiled against is recorded here.
  requires io.pagoda.api;
  requires io.pagoda.remote.objects;
  requires org.reactivestreams;
  requires software.amazon.awssdk.auth;
  requires software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.endpoints;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.identity.spi;
  requires software.amazon.awssdk.regions;
  requires software.amazon.awssdk.retries;
  requires software.amazon.awssdk.services.s3;
  requires software.amazon.awssdk.utils;

  provides TierProvider with
      S3TierProvider;
}
