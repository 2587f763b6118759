// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.disk;

/// A disk image is damaged, or of a kind that is not taken.
public final class DiskFormatException extends Exception {
    private static final long serialVersionUID = 1;

    public DiskFormatException(String message) {
        super(message, null, false, false);
    }
}
