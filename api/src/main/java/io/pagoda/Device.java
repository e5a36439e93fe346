package io.pagoda;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where memory is: {@code cpu}, or {@code cuda:n}.
 *
 * @param kind of which kind
 * @param number which of its kind, from 0; 0 for host memory
 */
public record Device(Kind kind, int number) {
  /** Host memory. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  private static final Pattern TEXT = Pattern.compile("(cpu|host)|(?:cuda|gpu)(?::([0-9]{1,4}))?");

  /** Kinds of memory. */
  public enum Kind {
    /** Host memory. */
    CPU(0),
    /** Memory of a device that CUDA knows. */
    CUDA(1);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** {@return what stands for it in encodings} */
    public int code() {
      return code;
    }

    /** {@return the kind that {@code code} stands for, if it stands for one} */
    public static Optional<Kind> of(int code) {
      return Arrays.stream(values()).filter(one -> one.code == code).findFirst();
    }
  }

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is less than 0, or not 0 for host memory
   */
  public Device {
    if (number < 0 || (kind == Kind.CPU && number != 0)) {
      throw new IllegalArgumentException("There is no %s:%d".formatted(kind, number));
    }
  }

  /** {@return a device that CUDA knows, by its number} */
  public static Device cuda(int number) {
    return new Device(Kind.CUDA, number);
  }

  /**
   * Reads what people write: {@code cpu} or {@code host}, {@code cuda} or {@code gpu} for the first
   * device, {@code cuda:1} or {@code gpu:1} for another; spaces around it and capitals do not
   * matter.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public static Device parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no device: cpu, cuda or cuda:n".formatted(text.strip()));
    }
    if (matcher.group(1) != null) {
      return CPU;
    }
    String number = matcher.group(2);
    return cuda(number == null ? 0 : Integer.parseInt(number));
  }

  /** {@return {@code cpu}, or {@code cuda:n}} */
  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : "cuda:" + number;
  }
}
