// SPDX-License-Identifier: Apache-2.0
/// Settings files in TOML, read so that all faults are told at once.
package org.sparegrid.protocol.settings;
