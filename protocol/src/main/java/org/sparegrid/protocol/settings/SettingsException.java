// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.settings;

import java.io.Serial;
import java.util.List;

/// A settings file has faults; the message names them all, one a line.
public final class SettingsException extends Exception {
    @Serial private static final long serialVersionUID = 1;

    /// Says which file and all its faults.
    public SettingsException(String file, List<String> faults) {
        super(file + " has faults:\n  " + String.join("\n  ", faults), null, false, false);
    }
}
