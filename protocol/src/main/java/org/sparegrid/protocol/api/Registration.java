// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

/// Opens an account, or a session of one.
///
/// @param email the account's address
/// @param password 10 to 200 characters
public record Registration(String email, String password) {
    @Override
    public String toString() {
        return "Registration[email=" + email + "]";
    }
}
