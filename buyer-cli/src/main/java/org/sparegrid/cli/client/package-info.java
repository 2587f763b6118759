// SPDX-License-Identifier: Apache-2.0
/// The coordinator's public interface, called over pinned TLS.
@NullMarked
package org.sparegrid.cli.client;

import org.jspecify.annotations.NullMarked;
