package io.pagoda;

/** Memory of this process that peers may write to. When it is complete, it sees their bytes. */
public interface WritableOperation extends PassiveOperation {}
