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
import javax.net.ssl.TrustManagerFactory;

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
    try {
      if (authorities.isEmpty()) {
        return SSLContext.getDefault();
      }
      var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store(authorities.get()));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
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
