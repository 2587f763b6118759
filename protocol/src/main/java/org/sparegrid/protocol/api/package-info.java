// SPDX-License-Identifier: Apache-2.0
/// The bodies of requests and answers of the public REST interface that are not themselves things
/// of the market.
package org.sparegrid.protocol.api;
