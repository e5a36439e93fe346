package io.pagoda.core.config;

/**
 * One key of the effective configuration.
 *
 * @param key its full name
 * @param value what it is set to, as one would write it; a secret is not shown
 * @param origin who set it: a file and line, a module's defaults, the command line, the environment
 */
public record ConfigEntry(String key, String value, String origin) {}
