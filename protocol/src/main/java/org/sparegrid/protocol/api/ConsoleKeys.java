// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import org.sparegrid.protocol.control.Blob;

/// What to type on a machine's serial console.
///
/// @param bytes the keys
public record ConsoleKeys(Blob bytes) {}
