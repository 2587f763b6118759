// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.iso;

/// A file is no sound ISO image; the message names the sector and the rule.
public final class IsoFormatException extends Exception {
    private static final long serialVersionUID = 1;

    IsoFormatException(String message) {
        super("iso: " + message, null, false, false);
    }
}
