// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.container;

/// A file is no container image that can be imported; the message says why.
public final class ContainerFormatException extends Exception {
    private static final long serialVersionUID = 1;

    ContainerFormatException(String message) {
        super("container: " + message, null, false, false);
    }

    /// Nobody of this name is in the image.
    public static ContainerFormatException unknownUser(String user) {
        return new ContainerFormatException("its user " + user + " is not in its etc/passwd");
    }

    /// The program to run is in no folder of its path.
    public static ContainerFormatException missingProgram(String program, String path) {
        return new ContainerFormatException(program + " is in no folder of its PATH " + path);
    }

    /// A text that no line of a unit can hold.
    public static ContainerFormatException oddText() {
        return new ContainerFormatException(
                "its command, folder and variables may not have control characters or line ends");
    }
}
