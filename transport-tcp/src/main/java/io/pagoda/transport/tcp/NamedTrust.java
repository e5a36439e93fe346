package io.pagoda.transport.tcp;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts whom another one does, if the certificate is for a name that is allowed. */
final class NamedTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager others;
  private final PeerNames names;
  private final boolean servers;

  /**
   * Creates it.
   *
   * @param others whom to ask first
   * @param names that who connects may have
   * @param servers whether who is connected to has to have one of them, too
   */
  NamedTrust(X509ExtendedTrustManager others, PeerNames names, boolean servers) {
    this.others = others;
    this.names = names;
    this.servers = servers;
  }

  private void checkServer(X509Certificate[] chain) throws CertificateException {
    if (servers) {
      names.check(chain[0]);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
      throws CertificateException {
    others.checkClientTrusted(chain, kind, engine);
    names.check(chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket)
      throws CertificateException {
    others.checkClientTrusted(chain, kind, socket);
    names.check(chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String kind) throws CertificateException {
    others.checkClientTrusted(chain, kind);
    names.check(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine)
      throws CertificateException {
    others.checkServerTrusted(chain, kind, engine);
    checkServer(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket)
      throws CertificateException {
    others.checkServerTrusted(chain, kind, socket);
    checkServer(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String kind) throws CertificateException {
    others.checkServerTrusted(chain, kind);
    checkServer(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return others.getAcceptedIssuers();
  }
}
