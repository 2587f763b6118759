// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.json;

import java.io.Serial;

/// Bytes from outside are not the message that was expected.
public final class MessageFormatException extends Exception {
    @Serial private static final long serialVersionUID = 1;

    MessageFormatException(String message) {
        super(message, null, false, false);
    }
}
