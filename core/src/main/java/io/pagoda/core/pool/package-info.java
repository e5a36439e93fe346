/** Engine memory: where its chunks are, and how blocks are gathered from them and scattered. */
package io.pagoda.core.pool;
