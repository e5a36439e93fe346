package io.pagoda.core.config;

/**
 * Something that is wrong with a configuration.
 *
 * @param unknownKey whether it is a key that nobody knows
 * @param message where it stands, what is wrong and what would be right
 */
public record Complaint(boolean unknownKey, String message) {}
