/** Contract tests for what plugins provide, and doubles for what tests need. */
package io.pagoda.tck;
