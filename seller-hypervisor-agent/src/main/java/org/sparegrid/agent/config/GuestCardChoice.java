// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

/// What network card the seller wants guests to have.
public enum GuestCardChoice {
    /// By vhost-user if the self-test works with it, else a stream.
    AUTO,
    /// A stream, whatever works.
    STREAM,
    /// By vhost-user or not at all.
    VHOST_USER
}
