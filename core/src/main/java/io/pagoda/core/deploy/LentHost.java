package io.pagoda.core.deploy;

import io.pagoda.spi.Host;
import java.util.concurrent.Executor;

/** What a deployment lends to one of its parts. */
record LentHost(String name, long blockBytes, Executor blocking) implements Host {}
