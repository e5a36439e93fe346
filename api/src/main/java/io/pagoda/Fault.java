package io.pagoda;

/** How a failure should be met. */
public enum Fault {
  /** The same request may succeed later: retry, with backoff. */
  TRANSIENT,
  /** The same request will never succeed: report it, and keep the part that failed in service. */
  PERMANENT,
  /** The part that failed can no longer be trusted: take it out of service. */
  FATAL
}
