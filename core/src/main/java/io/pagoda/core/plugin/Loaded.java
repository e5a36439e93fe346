package io.pagoda.core.plugin;

import java.util.List;

/**
 * A plugin that serves.
 *
 * @param where its directory or jar, or the words "module path"
 * @param id its module's name and version
 * @param offers what it provides
 */
public record Loaded(String where, PluginId id, List<Offer> offers) implements Found {}
