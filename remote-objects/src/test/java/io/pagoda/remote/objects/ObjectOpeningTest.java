package io.pagoda.remote.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.tier.Recoverable.SealShape;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a bucket that cannot be used. */
class ObjectOpeningTest {
  @ParameterizedTest
  @CsvSource({"400, ExpiredToken, credentials", "400, InvalidToken, credentials",
    "400, AuthorizationHeaderMalformed, region", "403, SignatureDoesNotMatch, credentials",
    "500, AccessDenied, credentials", "404, NoSuchBucket, Create the bucket",
    "400, InvalidArgument, speak S3"})
  void saysWhatWouldHelp(int status, String code, String advice) {
    var asked = new AtomicInteger();
    var bucket = new MemoryBucket() {
      @Override
      public CompletionStage<Void> check(Try one) {
        asked.incrementAndGet();
        return CompletableFuture.failedStage(
            new ObjectFailure(ObjectFailure.kindOf(status, code), "it answers " + code, null));
      }
    };
    try (var tier = ObjectTier.open(Rig.settings(), Rig.host(), bucket)) {
      var refused = assertThrows(
          PagodaException.class,
          () -> tier.join(new SealShape(1, 1), (_, answer) -> answer.accept(new BitSet())));
      assertEquals(Fault.PERMANENT, refused.fault());
      assertTrue(String.valueOf(refused.getMessage()).contains(advice), refused::getMessage);
      assertEquals(1, asked.get(), "what cannot pass is not tried again");
    }
  }
}
