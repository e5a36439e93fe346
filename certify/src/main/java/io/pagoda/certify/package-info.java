/** The contract of tiers, run against a tier that somebody has configured. */
package io.pagoda.certify;
