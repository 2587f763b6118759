// SPDX-License-Identifier: Apache-2.0
/// What is traded: asks, orders, leases, their networks and their meters.
package org.sparegrid.protocol.market;
