// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.build;

/// An image cannot be built; the message says why and what to do.
public final class BuildException extends Exception {
    private static final long serialVersionUID = 1;

    BuildException(String message) {
        super(message, null, false, false);
    }
}
