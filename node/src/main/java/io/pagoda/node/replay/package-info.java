/** Replays requests through a store: match, fetch, verify every byte, put what was missing. */
package io.pagoda.node.replay;
