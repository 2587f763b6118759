// SPDX-License-Identifier: Apache-2.0
/// The session between the coordinator and a seller's agent.
package org.sparegrid.protocol.control;
