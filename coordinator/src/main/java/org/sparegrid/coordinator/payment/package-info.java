// SPDX-License-Identifier: Apache-2.0
/// Takes money from outside: payments begun with a provider, and the provider's signed reports.
@NullMarked
package org.sparegrid.coordinator.payment;

import org.jspecify.annotations.NullMarked;
