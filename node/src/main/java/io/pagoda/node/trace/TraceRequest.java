package io.pagoda.node.trace;

import java.time.Duration;
import java.util.List;

/**
 * One line of a trace.
 *
 * @param at when it arrived, since the start of the trace
 * @param inputTokens how long its prompt is
 * @param outputTokens how long its answer is
 * @param hashIds for each block of the prompt, first block first, a number that stands for the
 *     whole prefix up to the block's end
 */
public record TraceRequest(Duration at, long inputTokens, long outputTokens, List<Long> hashIds) {}
