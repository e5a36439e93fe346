package io.pagoda.node.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows whose columns line up: the first to the left, the others, which hold numbers, to the right.
 */
public final class Table {
  private static final String GAP = "   ";
  private static final String INDENT = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final boolean allLeft;

  private Table(boolean allLeft) {
    this.allLeft = allLeft;
  }

  /** {@return an empty table of a name and numbers} */
  public static Table ofNumbers() {
    return new Table(false);
  }

  /** {@return an empty table of texts} */
  public static Table ofTexts() {
    return new Table(true);
  }

  /** Adds a row; rows may differ in length. */
  public Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /** {@return the lines, without a line end after the last} */
  @Override
  public String toString() {
    int[] widths = widths();
    return String.join("\n", rows.stream().map(row -> line(row, widths)).toList());
  }

  private int[] widths() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    return widths;
  }

  private String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder(INDENT);
    for (int i = 0; i < row.size(); i++) {
      String cell = row.get(i);
      String padding = " ".repeat(widths[i] - width(cell));
      line.append(i == 0 ? "" : GAP);
      line.append(i == 0 || allLeft ? cell + padding : padding + cell);
    }
    return line.toString().stripTrailing();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
