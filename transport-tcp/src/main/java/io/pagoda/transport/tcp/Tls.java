package io.pagoda.transport.tcp;

import io.pagoda.Fault;
import io.pagoda.PagodaException;
import io.pagoda.spi.Settings;
import io.pagoda.spi.SettingsException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS 1.3 as it is set: who this side is, and whom it trusts.
 *
 * @param context has keys and trust
 * @param identified whether this side has a certificate
 * @param verifyPeer whether who connects must have a certificate that is trusted
 * @param verifyName whether who is connected to must have one for the name it is connected to by
 */
record Tls(SSLContext context, boolean identified, boolean verifyPeer, boolean verifyName) {
  private static final String[] VERSIONS = {"TLSv1.3"};
  private static final char[] NO_PASSWORD = {};

  /**
   * Files in PEM's form.
   *
   * @param certificate of this side, and behind it those up to an authority
   * @param key of the first certificate
   */
  record Identity(Path certificate, Path key) {}

  /** {@return what the section {@code tls} says; nothing if it is not enabled} */
  static Optional<Tls> from(Settings settings) {
    boolean enabled = settings.flag("enabled");
    Optional<Path> certificate = path(settings, "certificate");
    Optional<Path> key = path(settings, "key");
    Optional<Path> trust = path(settings, "trust");
    boolean verifyPeer = settings.flag("verify-peer");
    boolean verifyName = settings.flag("verify-name");
    if (!enabled) {
      return Optional.empty();
    }
    if (certificate.isPresent() != key.isPresent()) {
      throw new SettingsException(
          "%s and key are set together, or neither".formatted(settings.origin("certificate")));
    }
    Optional<Identity> identity =
        certificate.flatMap(first -> key.map(second -> new Identity(first, second)));
    try {
      return Optional.of(
          of(
              identity,
              trust.orElseThrow(
                  () -> new IOException("set it to the certificates of those whom to trust")),
              verifyPeer, verifyName));
    } catch (IOException e) {
      throw new SettingsException("%s: %s".formatted(settings.origin("trust"), e.getMessage()), e);
    }
  }

  private static Optional<Path> path(Settings settings, String key) {
    return settings.has(key) ? Optional.of(settings.path(key)) : Optional.empty();
  }

  static Tls of(Optional<Identity> identity, Path trust, boolean verifyPeer, boolean verifyName)
      throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      KeyManager[] keys = identity.isEmpty() ? new KeyManager[0] : keys(identity.get());
      context.init(keys, trusted(trust).getTrustManagers(), null);
      return new Tls(context, identity.isPresent(), verifyPeer, verifyName);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "TLS cannot be set up: %s. Does the key belong to the certificate?"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static KeyManager[] keys(Identity identity) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    List<X509Certificate> chain = Pem.certificates(identity.certificate);
    store.setKeyEntry("own", Pem.key(identity.key), NO_PASSWORD, chain.toArray(Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static TrustManagerFactory trusted(Path file)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    int number = 0;
    for (X509Certificate one : Pem.certificates(file)) {
      store.setCertificateEntry("trusted-" + number++, one);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory;
  }

  /** {@return an engine of the connecting side} */
  SSLEngine connecting(InetSocketAddress to) {
    SSLEngine engine = context.createSSLEngine(to.getHostString(), to.getPort());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    if (verifyName) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    return with(engine, parameters);
  }

  /** {@return an engine of the serving side} */
  SSLEngine serving() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setNeedClientAuth(verifyPeer);
    return with(engine, parameters);
  }

  private static SSLEngine with(SSLEngine engine, SSLParameters parameters) {
    parameters.setProtocols(VERSIONS);
    engine.setSSLParameters(parameters);
    return engine;
  }

  /** Throws unless this side can serve. */
  void checkServes() {
    if (!identified) {
      throw new PagodaException(
          Fault.PERMANENT,
          "Whoever serves by TLS needs a certificate: set tls.certificate and tls.key");
    }
  }
}
