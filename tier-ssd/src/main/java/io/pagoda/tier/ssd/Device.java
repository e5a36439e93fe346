package io.pagoda.tier.ssd;

import java.nio.file.Path;

/**
 * A directory, as a rule on a device of its own.
 *
 * @param directory where the files go
 * @param slots how many blocks they hold
 */
record Device(Path directory, int slots) {}
