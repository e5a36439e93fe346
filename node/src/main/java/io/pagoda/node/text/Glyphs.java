package io.pagoda.node.text;

import java.nio.charset.Charset;

/**
 * The characters that pictures are made of.
 *
 * @param full a filled cell of a bar
 * @param empty an empty one
 * @param horizontal a horizontal line
 * @param vertical a vertical one
 * @param corners the corners of a box: top left, top right, bottom left, bottom right
 * @param up the head of an arrow upwards
 * @param down the head of an arrow downwards
 * @param micro the prefix of a millionth
 */
public record Glyphs(
    String full, String empty, String horizontal, String vertical, String corners, String up,
    String down, String micro) {
  /** For terminals that know Unicode. */
  public static final Glyphs UNICODE = new Glyphs("█", "░", "─", "│", "╭╮╰╯", "▲", "▼", "µ");

  /** For all others. */
  public static final Glyphs ASCII = new Glyphs("#", ".", "-", "|", "++++", "^", "v", "u");

  /** {@return the best that can be written in {@code charset}} */
  public static Glyphs of(Charset charset) {
    String all = UNICODE.full + UNICODE.empty + UNICODE.corners + UNICODE.up + UNICODE.micro;
    return charset.canEncode() && charset.newEncoder().canEncode(all) ? UNICODE : ASCII;
  }

  /** {@return a bar of {@code width} cells, {@code share} of them filled} */
  public String bar(double share, int width) {
    int filled = (int) Math.round(Math.clamp(share, 0.0, 1.0) * width);
    return full.repeat(filled) + empty.repeat(width - filled);
  }

  /** {@return the text with every character that this set lacks replaced} */
  public String fit(String text) {
    return equals(UNICODE) ? text : text.replace("µ", micro).replace("·", "|").replace("→", "->");
  }
}
