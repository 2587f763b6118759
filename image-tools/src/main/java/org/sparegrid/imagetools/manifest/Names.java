// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

import java.util.regex.Pattern;

/// The names of images and layers: a label of the domain name system.
final class Names {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private Names() {}

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static void check(String what, String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    what
                            + ": expected a name of 1 to 63 letters a-z, digits and inner hyphens, got \""
                            + name
                            + "\"");
        }
    }
}
