package io.pagoda.core.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pagoda.ConnectorException;
import io.pagoda.ConnectorException.Trouble;
import io.pagoda.Fault;
import io.pagoda.OperationEnd;
import io.pagoda.OperationState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An end is the end. */
class LifeTest {
  private static final List<OperationEnd> ENDS = List.of(
      OperationEnd.complete(3), OperationEnd.cancelled(),
      OperationEnd.errored(new ConnectorException(Trouble.FAILED, Fault.TRANSIENT, "no")));

  @Test
  void neverChanges() {
    for (OperationEnd first : ENDS) {
      Life life = new Life(Runnable::run);
      List<OperationEnd> heard = new ArrayList<>();
      var _ = life.ended().thenAccept(heard::add);
      assertEquals(OperationState.INITIALIZED, life.state());
      life.begin();
      assertEquals(OperationState.IN_PROGRESS, life.state());
      assertTrue(life.end(first));
      for (OperationEnd later : ENDS) {
        assertFalse(life.end(later));
        life.begin();
        assertEquals(first.state(), life.state());
      }
      assertEquals(List.of(first), heard);
    }
  }

  /** It settles after it has ended, in whatever order both are told. */
  @Test
  void settlesAfterItsEnd() {
    Life life = new Life(Runnable::run);
    life.settle();
    assertFalse(life.settled().toCompletableFuture().isDone());
    life.end(OperationEnd.cancelled());
    assertTrue(life.cancelled().toCompletableFuture().join());
  }
}
