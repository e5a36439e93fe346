package io.pagoda.remote.http;

import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;

/** What a connection reads from and writes to. */
interface Channel extends ByteChannel, GatheringByteChannel {}
