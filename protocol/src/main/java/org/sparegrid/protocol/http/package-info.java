// SPDX-License-Identifier: Apache-2.0
/// What clients and the coordinator agree on in HTTP beyond the API's bodies.
package org.sparegrid.protocol.http;
