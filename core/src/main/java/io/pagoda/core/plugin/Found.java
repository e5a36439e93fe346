package io.pagoda.core.plugin;

/** What was found in one place: something that serves, or something that cannot. */
public sealed interface Found permits Loaded, Refused {
  /** {@return the plugin's directory or jar, or the words "module path"} */
  String where();
}
