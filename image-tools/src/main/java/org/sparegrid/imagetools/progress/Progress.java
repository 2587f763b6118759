// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.progress;

/// Is told how a long piece of work advances; calls come from the threads that work.
public interface Progress {
    /// Tells nobody.
    Progress NONE = new Progress() {};

    /// A phase begins; the one before it has ended.
    default void phase(String name) {}

    /// Within the phase, `doneBytes` of `totalBytes` are done.
    default void bytes(long doneBytes, long totalBytes) {}
}
