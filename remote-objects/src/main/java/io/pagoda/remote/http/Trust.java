package io.pagoda.remote.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Whom TLS trusts. */
public final class Trust {
  private Trust() {}

  /**
   * Returns a context that trusts the authorities of a file, or those of the platform.
   *
   * @param authorities certificates in PEM, one after the other
   * @throws IOException if the file cannot be read, or has no certificate; the message names it
   */
  public static SSLContext of(Optional<Path> authorities) throws IOException {
    if (authorities.isEmpty()) {
      return platform();
    }
    return context(manager(authorities));
  }

  private static SSLContext platform() throws IOException {
    try {
      return SSLContext.getDefault();
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS of the platform is not to be had: " + e.getMessage(), e);
    }
  }

  /** {@return a context that trusts whom a manager trusts} */
  public static SSLContext context(X509TrustManager manager) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {manager}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS cannot be prepared: " + e.getMessage(), e);
    }
  }

  /** As {@link #of}, for clients that make contexts of their own. */
  public static X509TrustManager manager(Optional<Path> authorities) throws IOException {
    try {
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(authorities.isPresent() ? store(authorities.get()) : null);
      return (X509TrustManager) managers.getTrustManagers()[0];
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "The certificates in %s cannot be read: %s".formatted(authorities, e.getMessage()), e);
    }
  }

  private static KeyStore store(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (InputStream pem = Files.newInputStream(file)) {
      int number = 0;
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("authority-" + number++, each);
      }
    }
    if (store.size() == 0) {
      throw new IOException("There is no certificate in " + file);
    }
    return store;
  }
}
