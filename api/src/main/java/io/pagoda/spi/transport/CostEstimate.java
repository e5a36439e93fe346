package io.pagoda.spi.transport;

import java.time.Duration;

/**
 * What moving bytes would take.
 *
 * @param time how long, from post to end
 * @param measured whether it follows from what the link has done, and not from a guess
 */
public record CostEstimate(Duration time, boolean measured) {}
