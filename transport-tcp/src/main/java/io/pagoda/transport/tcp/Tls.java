package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 as it is set: who this side is, and whom it trusts. Files that have changed are read
 * again before a connection is made or taken; what they say that cannot be used is said once in a
 * while, and what they said before is kept. Safe for use by many threads.
 */
final class Tls {
  private static final String[] VERSIONS = {"TLSv1.3"};
  private static final char[] NO_PASSWORD = {};

  /** For how long files are taken to be as they were. */
  private static final Duration TRUSTED = Duration.ofSeconds(1);

  /** For how long who has linked may link again without showing its certificate, in seconds. */
  private static final int RESUMED_SECONDS = 60;

  private final Sources sources;
  private final Rules rules;
  private final long trustedNanos;
  private final Seldom unread = new Seldom();
  private volatile State state;

  /**
   * Files in PEM's form.
   *
   * @param certificate of this side, and behind it those up to an authority
   * @param key of the first certificate
   */
  record Identity(Path certificate, Path key) {}

  /**
   * What is read from files.
   *
   * @param identity who this side is, if it is anybody
   * @param trust the certificates of those whom it trusts
   */
  record Sources(Optional<Identity> identity, Path trust) {
    private List<Stamp> stamps() throws IOException {
      List<Stamp> stamps = new ArrayList<>();
      for (Path file : Stream.concat(
          identity.stream().flatMap(own -> Stream.of(own.certificate, own.key)), Stream.of(trust))
          .toList()) {
        var seen = Files.readAttributes(file, BasicFileAttributes.class);
        stamps.add(new Stamp(seen.lastModifiedTime(), seen.size(), seen.fileKey()));
      }
      return stamps;
    }
  }

  /** By what a file is told from what it was. */
  private record Stamp(FileTime time, long bytes, @Nullable Object key) {}

  /**
   * Who is let in.
   *
   * @param verifyPeer whether who connects must have a certificate that is trusted
   * @param verifyName whether who is connected to must have one for the name it is connected to by
   * @param names that peers' certificates may be for
   */
  record Rules(boolean verifyPeer, boolean verifyName, PeerNames names) {}

  /** What was read, from files that looked so, when. */
  private record State(SSLContext context, List<Stamp> stamps, long seen) {}

  /**
   * Reads the files.
   *
   * @param trusted for how long they are taken to be as they were
   */
  Tls(Sources sources, Rules rules, Duration trusted) throws IOException {
    this.sources = sources;
    this.rules = rules;
    trustedNanos = trusted.toNanos();
    List<Stamp> stamps = sources.stamps();
    state = new State(read(), stamps, System.nanoTime());
  }

  /** {@return what the section {@code tls} says; nothing if it is not enabled} */
  static Optional<Tls> from(Settings settings) {
    boolean enabled = settings.flag("enabled");
    Optional<Path> certificate = path(settings, "certificate");
    Optional<Path> key = path(settings, "key");
    Optional<Path> trust = path(settings, "trust");
    Rules rules = rules(settings);
    if (!enabled) {
      return Optional.empty();
    }
    if (certificate.isPresent() != key.isPresent()) {
      throw new SettingsException(
          "%s and key are set together, or neither".formatted(settings.origin("certificate")));
    }
    certificate.ifPresent(file -> checkThere(settings, "certificate", file));
    key.ifPresent(file -> checkThere(settings, "key", file));
    Path trusted = trust.orElseThrow(
        () -> new SettingsException(
            settings.origin("trust") + ": set it to the certificates of those whom to trust"));
    checkThere(settings, "trust", trusted);
    Optional<Identity> identity =
        certificate.flatMap(first -> key.map(second -> new Identity(first, second)));
    try {
      return Optional.of(new Tls(new Sources(identity, trusted), rules, TRUSTED));
    } catch (IOException e) {
      throw new SettingsException(
          "%s: %s".formatted(settings.origin("enabled"), e.getMessage()), e);
    }
  }

  private static Rules rules(Settings settings) {
    boolean verifyPeer = settings.flag("verify-peer");
    boolean verifyName = settings.flag("verify-name");
    List<String> names = settings.strings("peer-names");
    if (!names.isEmpty() && !verifyPeer) {
      throw new SettingsException(
          "%s are compared with certificates, which nobody has to show: set verify-peer = true"
              .formatted(settings.origin("peer-names")));
    }
    try {
      return new Rules(verifyPeer, verifyName, new PeerNames(names));
    } catch (IllegalArgumentException e) {
      throw new SettingsException(settings.origin("peer-names") + ": " + e.getMessage(), e);
    }
  }

  private static Optional<Path> path(Settings settings, String key) {
    return settings.has(key) ? Optional.of(settings.path(key)) : Optional.empty();
  }

  private static void checkThere(Settings settings, String key, Path file) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new SettingsException(
          "%s: %s is no file that can be read".formatted(settings.origin(key), file));
    }
  }

  private SSLContext read() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] keys =
          sources.identity.isEmpty() ? new KeyManager[0] : keys(sources.identity.get());
      context.init(keys, trusted(), null);
      context.getServerSessionContext().setSessionTimeout(RESUMED_SECONDS);
      context.getClientSessionContext().setSessionTimeout(RESUMED_SECONDS);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be set up: %s".formatted(e.getMessage()), e);
    }
  }

  private static KeyManager[] keys(Identity identity) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    List<X509Certificate> chain = Pem.certificates(identity.certificate);
    var key = Pem.key(identity.key);
    if (!Pem.belong(key, chain.getFirst())) {
      throw new IOException(
          "the key of %s is not of the first certificate of %s"
              .formatted(identity.key, identity.certificate));
    }
    store.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private TrustManager[] trusted() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    int number = 0;
    for (X509Certificate one : Pem.certificates(sources.trust)) {
      store.setCertificateEntry("trusted-" + number++, one);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Stream.of(factory.getTrustManagers())
        .map(
            each -> each instanceof X509ExtendedTrustManager known
                ? new NamedTrust(known, rules.names, !rules.verifyName)
                : each)
        .toArray(TrustManager[]::new);
  }

  /** {@return keys and trust, as the files say now} */
  SSLContext context() {
    State known = state;
    long now = System.nanoTime();
    return now - known.seen < trustedNanos ? known.context : again(now);
  }

  private synchronized SSLContext again(long now) {
    State known = state;
    try {
      List<Stamp> stamps = sources.stamps();
      boolean same = stamps.equals(known.stamps);
      state = new State(same ? known.context : read(), stamps, now);
    } catch (IOException e) { // they may be in the midst of being written
      state = new State(known.context, known.stamps, now);
      unread.log(
          Level.WARNING, () -> "The files of TLS have changed and cannot be used, so what they"
              + " said before still holds: " + e.getMessage());
    }
    return state.context;
  }

  /** {@return an engine of the connecting side} */
  SSLEngine connecting(InetSocketAddress to) {
    SSLEngine engine = context().createSSLEngine(to.getHostString(), to.getPort());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    if (rules.verifyName) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    return with(engine, parameters);
  }

  /** {@return an engine of the serving side} */
  SSLEngine serving() {
    SSLEngine engine = context().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setNeedClientAuth(rules.verifyPeer);
    return with(engine, parameters);
  }

  private static SSLEngine with(SSLEngine engine, SSLParameters parameters) {
    parameters.setProtocols(VERSIONS);
    engine.setSSLParameters(parameters);
    return engine;
  }

  /** {@return whether who connects must have a certificate that is trusted} */
  boolean verifyPeer() {
    return rules.verifyPeer;
  }

  /** Throws unless this side can serve. */
  void checkServes() {
    if (sources.identity.isEmpty()) {
      throw new PagodaException(
          Fault.PERMANENT,
          "Whoever serves by TLS needs a certificate: set tls.certificate and tls.key");
    }
  }
}
