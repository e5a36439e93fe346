package io.pagoda.core.plugin;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of {@code io.pagoda.api}: what a plugin and its host must agree on. */
record ApiVersion(int major, int minor) {
  static final String MODULE = "io.pagoda.api";

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})\\b.*");

  static ApiVersion parse(String version) {
    Matcher matcher = FORM.matcher(version);
    if (!matcher.matches()) {
      throw new PluginException(
          "'%s' is no version of %s, such as 1.2.0".formatted(version, MODULE));
    }
    return new ApiVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** {@return the version of the api in {@code host}} */
  static ApiVersion in(ModuleLayer host) {
    return host.findModule(MODULE)
        .flatMap(module -> module.getDescriptor().rawVersion())
        .map(ApiVersion::parse)
        .orElseThrow(
            () -> new PluginException("The host's %s has no module version".formatted(MODULE)));
  }

  /** {@return the version that the compiler recorded in {@code plugin}} */
  static ApiVersion compiledInto(ModuleDescriptor plugin) {
    return plugin.requires()
        .stream()
        .filter(requires -> requires.name().equals(MODULE))
        .findFirst()
        .flatMap(Requires::rawCompiledVersion)
        .map(ApiVersion::parse)
        .orElseThrow(
            () -> new PluginException(
                "module %s was not compiled against a version of %s"
                    .formatted(plugin.name(), MODULE)));
  }

  /** {@return whether a plugin compiled against {@code plugin} runs on this: the same major
   * version, and no later minor} */
  boolean runs(ApiVersion plugin) {
    return plugin.major == major && plugin.minor <= minor;
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
