// SPDX-License-Identifier: Apache-2.0
/// Many agents on one coordinator, over loopback.
@NullMarked
package org.sparegrid.benchmarks.session;

import org.jspecify.annotations.NullMarked;
