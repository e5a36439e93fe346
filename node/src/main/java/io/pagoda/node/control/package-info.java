/** A node that runs is told what to do with its plugins, through a socket that is a file. */
@NullMarked
package io.pagoda.node.control;

import org.jspecify.annotations.NullMarked;
