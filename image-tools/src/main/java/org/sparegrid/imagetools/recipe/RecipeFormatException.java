// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.List;

/// A recipe is not as specified; the message has a line for each fault, with its place.
public final class RecipeFormatException extends Exception {
    private static final long serialVersionUID = 1;

    RecipeFormatException(List<String> faults) {
        super(String.join("\n", faults), null, false, false);
    }
}
