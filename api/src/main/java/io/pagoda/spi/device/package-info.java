/** What a plugin implements to move blocks between host memory and the memory of a device. */
package io.pagoda.spi.device;
