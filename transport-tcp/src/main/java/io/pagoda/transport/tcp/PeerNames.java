package io.pagoda.transport.tcp;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The names that peers' certificates may be for; without any, each that is trusted will do. Names
 * are what a certificate says as its subject's alternative names: of hosts, addresses and URIs. Its
 * subject itself is not compared.
 *
 * @param names in lower case; one that begins with {@code *.} stands for all of one more label
 */
record PeerNames(List<String> names) {
  private static final String ANY_LABEL = "*.";

  /** Names of hosts, of URIs and of addresses, as X.509 numbers the kinds. */
  private static final List<Integer> KINDS = List.of(2, 6, 7);

  /** Copies the list. */
  PeerNames {
    names = names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    for (String name : names) {
      String rest = name.startsWith(ANY_LABEL) ? name.substring(ANY_LABEL.length()) : name;
      if (rest.isBlank() || rest.indexOf('*') >= 0) {
        throw new IllegalArgumentException(
            "'%s' is no name: * stands for a whole first label, as in *.example".formatted(name));
      }
    }
  }

  /** Throws unless a certificate is for one of the names. */
  void check(X509Certificate certificate) throws CertificateException {
    List<String> its = of(certificate);
    if (!names.isEmpty() && its.stream().noneMatch(this::has)) {
      throw new CertificateException(
          "its certificate is for %s, and tls.peer-names has none of these".formatted(its));
    }
  }

  private boolean has(String name) {
    return names.stream().anyMatch(each -> each.equals(name) || isUnder(each, name));
  }

  private static boolean isUnder(String pattern, String name) {
    int dot = name.indexOf('.');
    return pattern.startsWith(ANY_LABEL)
        && dot > 0
        && name.substring(dot).equals(pattern.substring(1));
  }

  /** {@return the names that a certificate is for, in lower case} */
  static List<String> of(X509Certificate certificate) throws CertificateException {
    Collection<List<?>> all = certificate.getSubjectAlternativeNames();
    return all == null
        ? List.of()
        : all.stream()
            .filter(each -> KINDS.contains(each.getFirst()))
            .map(each -> Objects.toString(each.get(1)).toLowerCase(Locale.ROOT))
            .toList();
  }
}
