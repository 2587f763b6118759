// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

/// A manifest, its signature or a key file is not as specified, or was changed after signing.
public final class ManifestFormatException extends Exception {
    private static final long serialVersionUID = 1;

    /// Makes the exception without a stack trace: what counts is the input, which `message` names.
    public ManifestFormatException(String message) {
        super(message, null, false, false);
    }
}
