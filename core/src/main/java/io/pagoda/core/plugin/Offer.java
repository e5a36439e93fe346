package io.pagoda.core.plugin;

import io.pagoda.spi.Availability;

/**
 * One part that a plugin provides.
 *
 * @param contract what it is
 * @param type the word that selects it in a configuration
 * @param availability whether this machine can run it
 */
public record Offer(Contract contract, String type, Availability availability) {}
