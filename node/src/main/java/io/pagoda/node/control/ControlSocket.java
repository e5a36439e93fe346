package io.pagoda.node.control;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * A socket in the file system, which its owner alone may open: each caller says one line of words,
 * and is answered with lines.
 *
 * <p><b>Threads.</b> Each caller is served by a thread of its own.
 *
 * <p><b>Failures.</b> What the answer to a caller throws is told to that caller.
 */
public final class ControlSocket implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ControlSocket.class.getPackageName());

  /** For how long nobody is let in where that failed: descriptors may have run out. */
  private static final long PAUSE_NANOS = 100_000_000;

  private final Path file;
  private final Object made;
  private final ServerSocketChannel server;
  private final Function<List<String>, List<String>> answers;
  private final Set<SocketChannel> callers = ConcurrentHashMap.newKeySet();

  private ControlSocket(
      Path file, Object made, ServerSocketChannel server,
      Function<List<String>, List<String>> answers) {
    this.file = file;
    this.made = made;
    this.server = server;
    this.answers = answers;
  }

  /**
   * Opens a socket. It comes into its place when its permissions are set, so that there is no
   * moment in which others could open it.
   *
   * @param file where; a socket that nobody listens at any more is replaced
   * @param answers gives the lines of the answer to the words of a caller
   */
  public static ControlSocket open(Path file, Function<List<String>, List<String>> answers)
      throws IOException {
    refuseLiving(file);
    Path place = file.toAbsolutePath();
    Path making = Files.createTempDirectory(place.getParent(), ".control-");
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    Object made;
    try {
      Path socket = making.resolve("socket");
      server.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      made = key(socket);
      Files.move(socket, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    } finally {
      Files.deleteIfExists(making.resolve("socket"));
      Files.delete(making);
    }
    var control = new ControlSocket(place, made, server, answers);
    Thread.ofPlatform().daemon().name("pagoda-control").start(control::accept);
    return control;
  }

  /** {@return what tells a file from another that has its name later} */
  private static Object key(Path file) throws IOException {
    return Objects.requireNonNull(
        Files.readAttributes(file, BasicFileAttributes.class).fileKey(), "no key of a file");
  }

  private static void refuseLiving(Path file) throws IOException {
    if (Files.notExists(file)) {
      return;
    }
    try (var _ = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
      throw new FileAlreadyExistsException(file.toString(), null, "another node listens there");
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (ConnectException e) {
      boolean socket = Files.readAttributes(file, "unix:mode").get("mode") instanceof Integer mode
          && (mode & 0170000) == 0140000;
      if (!socket) {
        throw new FileAlreadyExistsException(file.toString(), null, "it is no socket");
      }
    }
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel caller = server.accept();
        callers.add(caller);
        Thread.ofVirtual().name("pagoda-control").start(() -> serve(caller));
      } catch (ClosedChannelException _) {
        return; // by close()
      } catch (IOException e) {
        LOG.log(Level.WARNING, "A caller at %s was not let in".formatted(file), e);
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void serve(SocketChannel caller) {
    try (caller) {
      Lines.write(caller, answer(Lines.readWords(caller)));
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "a caller went away", e);
    } finally {
      callers.remove(caller);
    }
  }

  private List<String> answer(List<String> words) {
    try {
      return Lines.well(answers.apply(words));
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, "refused " + words, e);
      return Lines.refused(String.valueOf(e.getMessage()));
    } catch (Error e) {
      LOG.log(Level.WARNING, "failed: " + words, e);
      return Lines.refused(e.toString());
    }
  }

  /**
   * Closes the socket and takes it away, unless another has its place by now; who is being answered
   * is cut off.
   */
  @Override
  public void close() throws IOException {
    server.close();
    if (Files.exists(file) && key(file).equals(made)) {
      Files.delete(file);
    }
    for (SocketChannel caller : callers) {
      caller.close();
    }
  }
}
