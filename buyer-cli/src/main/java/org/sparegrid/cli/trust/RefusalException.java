// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.trust;

/// A machine is not trusted, or no longer.
final class RefusalException extends Exception {
    private static final long serialVersionUID = 1;

    private final String code;

    RefusalException(String code, String finding) {
        super(finding, null, false, false);
        this.code = code;
    }

    /// Which check refused it, such as `PCR_POLICY`.
    String code() {
        return code;
    }

    /// What was found, as long as the coordinator takes it.
    String finding() {
        String finding = String.valueOf(getMessage());
        return finding.substring(0, Math.min(400, finding.length()));
    }
}
