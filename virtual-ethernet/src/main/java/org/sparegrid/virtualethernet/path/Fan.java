// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.path;

/// Many further UDP ports that wait for a peer which guesses one of them.
public interface Fan {
    /// Whether all of them are open, so that guessing makes sense.
    boolean isOpen();

    /// Closes those that have let nobody in. They close by themselves some seconds after they were
    /// opened.
    void close();
}
