import org.jspecify.annotations.NullMarked;

/** Runs the contract of tiers against a configured one, for the command that asks for it. */
@NullMarked
module io.pagoda.certify {
  requires io.pagoda.core;
  requires io.pagoda.tck;
  requires org.junit.platform.launcher;
  requires static org.jspecify;

  opens io.pagoda.certify to
      org.junit.platform.commons;

  provides io.pagoda.core.deploy.Certifier with
      io.pagoda.certify.ContractCertifier;
}
