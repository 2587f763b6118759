// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.config;

import java.util.List;

/// The settings file has faults; the message names them all, one a line.
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1;

    /// Says which file and all its faults.
    public SettingsException(String file, List<String> faults) {
        super(file + " has faults:\n  " + String.join("\n  ", faults), null, false, false);
    }
}
