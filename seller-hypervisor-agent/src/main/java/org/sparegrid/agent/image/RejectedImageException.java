// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.image;

import java.io.IOException;

/// The image is not what its buyer signed, or can't run here; fetching it again would not help.
public final class RejectedImageException extends IOException {
    private static final long serialVersionUID = 1;

    /// Says why.
    public RejectedImageException(String message) {
        super(message);
    }
}
