package io.pagoda.tier.remote.s3;

import io.pagoda.remote.objects.Try;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.interceptor.SdkInternalExecutionAttribute;
import software.amazon.awssdk.http.SdkHttpExecutionAttribute;
import software.amazon.awssdk.http.SdkHttpExecutionAttributes;

/** How a try comes through AWS's client to the HTTP beneath it. */
final class TryAttribute extends SdkHttpExecutionAttribute<Try> {
  static final TryAttribute TRY = new TryAttribute();

  private TryAttribute() {
    super(Try.class);
  }

  /** {@return what makes a request part of a try} */
  static AwsRequestOverrideConfiguration of(Try one) {
    SdkHttpExecutionAttributes attributes =
        SdkHttpExecutionAttributes.builder().put(TRY, one).build();
    return AwsRequestOverrideConfiguration.builder()
        .putExecutionAttribute(
            SdkInternalExecutionAttribute.SDK_HTTP_EXECUTION_ATTRIBUTES, attributes)
        .build();
  }
}
