// SPDX-License-Identifier: Apache-2.0
/// The owner's page in the browser, on this computer only.
@NullMarked
package org.sparegrid.agent.page;

import org.jspecify.annotations.NullMarked;
