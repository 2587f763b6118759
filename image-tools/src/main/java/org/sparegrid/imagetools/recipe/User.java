// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.recipe;

import java.util.List;

/// An account of the machine, which the layer makes unless it is there.
///
/// It has no password: one logs in with a key, or not at all.
///
/// @param shell what starts at a login
/// @param groups further groups, made unless they are there
/// @param keys OpenSSH public keys that may log in, a line each
public record User(String name, String shell, List<String> groups, List<String> keys) {
    /// What people expect at a login.
    public static final String SHELL_DEFAULT = "/bin/bash";

    public User {
        groups = List.copyOf(groups);
        keys = List.copyOf(keys);
    }
}
