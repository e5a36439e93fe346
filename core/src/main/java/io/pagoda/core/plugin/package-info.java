/**
 * The plugin container. A plugin is a directory of modular jars, or one jar, and has a module layer
 * and a class loader of its own; it goes from installed to resolved to active, and back. Modules on
 * the module path are found the same way and serve as long as the process.
 */
package io.pagoda.core.plugin;
