package io.pagoda;

/** What the store lacks of a request, with room reserved, ready to be put. */
public interface KvDraft extends KvPlan {
  /** {@return how many leading tokens the store will hold: it has them, or has room for them} */
  int held();
}
