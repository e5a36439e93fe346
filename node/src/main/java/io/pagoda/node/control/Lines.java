package io.pagoda.node.control;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/*
 *   caller:  word TAB word … LF                      words have neither tabs nor line ends
 *   node:    ok LF  line LF …  end LF                or
 *            refused LF  line LF …  end LF           then it closes
 */
/** What is said at a control socket: lines of UTF-8. */
final class Lines {
  private static final int LONGEST = 16 << 10;
  private static final String OK = "ok";
  private static final String REFUSED = "refused";
  private static final String END = "end";

  private Lines() {}

  static List<String> well(List<String> lines) {
    return answer(OK, lines);
  }

  static List<String> refused(String why) {
    return answer(REFUSED, why.lines().toList());
  }

  private static List<String> answer(String how, List<String> lines) {
    List<String> all = new ArrayList<>();
    all.add(how);
    all.addAll(lines);
    all.add(END);
    return all;
  }

  static List<String> readWords(ByteChannel channel) throws IOException {
    var bytes = ByteBuffer.allocate(LONGEST);
    while (bytes.position() == 0 || bytes.get(bytes.position() - 1) != '\n') {
      if (!bytes.hasRemaining() || channel.read(bytes) < 0) {
        throw new EOFException("no line of at most " + LONGEST + " bytes");
      }
    }
    String line = new String(bytes.array(), 0, bytes.position() - 1, StandardCharsets.UTF_8);
    return List.of(line.split("\t", -1));
  }

  static void write(ByteChannel channel, List<String> lines) throws IOException {
    String text = String.join("\n", lines) + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  static void writeWords(ByteChannel channel, List<String> words) throws IOException {
    for (String word : words) {
      if (word.chars().anyMatch(c -> c == '\t' || c == '\n')) {
        throw new IOException("'" + word + "' has a tab or a line end in it");
      }
    }
    write(channel, List.of(String.join("\t", words)));
  }

  /** {@return the lines of an answer, when it is whole} */
  static Answer readAnswer(ByteChannel channel) throws IOException {
    var reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    List<String> lines = new ArrayList<>();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.add(line);
    }
    if (lines.size() < 2 || !lines.removeLast().equals(END)) {
      throw new EOFException("the node ended before it had answered");
    }
    return new Answer(lines.removeFirst().equals(OK), List.copyOf(lines));
  }

  /**
   * What a node answers.
   *
   * @param well whether it did what it was told
   * @param lines what it says of it, or why not
   */
  record Answer(boolean well, List<String> lines) {}
}
