// SPDX-License-Identifier: Apache-2.0
/// The only place that configures Jackson: strict reading, canonical writing.
package org.sparegrid.protocol.json;
