/** Device memory of NVIDIA GPUs: how blocks get there and back. */
package io.pagoda.tier.gpu;
