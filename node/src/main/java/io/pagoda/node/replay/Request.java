package io.pagoda.node.replay;

import io.pagoda.BlockKeys;
import java.time.Duration;

/**
 * What an inference engine asks a store for: the prefix of one prompt.
 *
 * @param at when it arrives, since the start
 * @param keys the keys of its blocks
 * @param tokens how long the prompt is
 */
public record Request(Duration at, BlockKeys keys, long tokens) {}
