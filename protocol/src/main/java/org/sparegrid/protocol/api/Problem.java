// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.util.List;

/// Why a request was refused. Source: RFC 9457.
///
/// @param type what happened, for programs: `urn:sparegrid:problem:NAME`
/// @param title what happened, in a few words
/// @param status the HTTP status
/// @param detail what was wrong and what to do
/// @param errors every fault of the request, where there are several
public record Problem(String type, String title, int status, String detail, List<String> errors) {
    /// What each `type` begins with.
    public static final String TYPE_PREFIX = "urn:sparegrid:problem:";

    public Problem {
        errors = List.copyOf(errors);
    }
}
