// SPDX-License-Identifier: Apache-2.0
/// Payments by Stripe.
@NullMarked
package org.sparegrid.coordinator.payment.stripe;

import org.jspecify.annotations.NullMarked;
