// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.context;

import java.net.URI;

/// Which coordinator this user has an account at.
///
/// @param coordinator its https address
/// @param authority the SHA-256 of its authority's certificate, 64 hexadecimal digits
/// @param email the account's address
public record Settings(String coordinator, String authority, String email) {
    public Settings {
        URI address = URI.create(coordinator);
        if (!"https".equals(address.getScheme()) || address.getHost() == null) {
            throw new IllegalArgumentException(
                    "coordinator: expected an address such as https://grid.example.org:7443, got "
                            + coordinator);
        }
        if (!authority.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "authority: expected the SHA-256 of a certificate, 64 hexadecimal digits");
        }
    }

    /// The coordinator's address without a slash at its end.
    public URI address() {
        return URI.create(coordinator.replaceAll("/+$", ""));
    }
}
