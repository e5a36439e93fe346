/** The door by tokens: from token ids, slots and masks to blocks of a store. */
package io.pagoda.core.door;
