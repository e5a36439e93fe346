package io.pagoda;

/** Memory of this process that peers may read. It must not change until it has ended. */
public interface ReadableOperation extends PassiveOperation {}
