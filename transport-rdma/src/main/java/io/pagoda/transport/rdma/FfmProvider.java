package io.pagoda.transport.rdma;

import com.ibm.disni.verbs.RdmaCm;
import com.ibm.disni.verbs.RdmaProvider;
import com.ibm.disni.verbs.RdmaVerbs;
import java.lang.reflect.Field;

/**
 * DiSNI's classes over {@code java.lang.foreign}, in place of its library.
 *
 * <p>DiSNI asks for its provider by a field that nothing sets, and in every constructor: so this
 * one is put there, once for a class loader, before anything else of DiSNI is used. DiSNI has not
 * changed since 2019.
 */
final class FfmProvider extends RdmaProvider {
  /** The version of its library that DiSNI's classes ask for. */
  private static final int VERSION = 32;

  private final FfmCm cm = new FfmCm();
  private final FfmVerbs verbs = new FfmVerbs();

  /** {@return the one that DiSNI's classes use, which is put there if none is yet} */
  static synchronized FfmProvider install() {
    try {
      Field field = RdmaProvider.class.getDeclaredField("provider");
      field.setAccessible(true);
      Object present = field.get(null);
      if (present instanceof FfmProvider ours) {
        return ours;
      }
      if (present != null) {
        throw new IllegalStateException(
            "DiSNI's own library is in use here already: provider = nat and provider = ffm do not"
                + " go together in one process");
      }
      FfmProvider ours = new FfmProvider();
      field.set(null, ours);
      return ours;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This is not DiSNI 2.0", e);
    }
  }

  @Override
  public RdmaCm openCm() {
    return cm;
  }

  @Override
  public RdmaVerbs openVerbs() {
    return verbs;
  }

  FfmCm cm() {
    return cm;
  }

  FfmVerbs verbs() {
    return verbs;
  }

  @Override
  public int getVersion() {
    return VERSION;
  }
}
