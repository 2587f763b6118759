// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.payment;

/// A key of the operator's account with a provider; it never prints itself.
public final class Secret {
    private static final int LENGTH_MAX = 500;

    private final String text;

    /// @throws IllegalArgumentException if it is empty, too long or not printable ASCII
    public Secret(String text) {
        if (!text.matches("[!-~]{1," + LENGTH_MAX + "}")) {
            throw new IllegalArgumentException(
                    "expected one line of 1 to " + LENGTH_MAX + " printable characters");
        }
        this.text = text;
    }

    /// The key itself, for the provider's eyes.
    public String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return "a secret";
    }
}
