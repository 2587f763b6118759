// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.control.Blob;

/// A part of what a machine wrote to its serial console.
///
/// @param offset the place of the first byte in all that it ever wrote; later than asked for where
///   the beginning was dropped
/// @param bytes the part, possibly empty
/// @param ended whether the machine is gone and no more will come
public record ConsolePart(long offset, Blob bytes, boolean ended) {}
