// SPDX-License-Identifier: Apache-2.0
/// Payments by PayPal.
@NullMarked
package org.sparegrid.coordinator.payment.paypal;

import org.jspecify.annotations.NullMarked;
