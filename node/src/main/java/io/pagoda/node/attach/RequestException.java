package io.pagoda.node.attach;

/** The engine asked for something that makes no sense. The message says what, and what would. */
final class RequestException extends Exception {
  private static final long serialVersionUID = 1;

  RequestException(String message) {
    super(message);
  }
}
