// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.IOException;

/// A TPM refused a command.
public final class TpmException extends IOException {
    private static final int FORMAT_ONE = 0x80;
    private static final int FORMAT_ONE_ERROR = 0xbf; // without the number of handle or parameter

    private final int responseCode;

    TpmException(String command, int responseCode) {
        super(
                "TPM refused "
                        + command
                        + ": "
                        + meaning(reduced(responseCode))
                        + " (0x"
                        + Integer.toHexString(responseCode)
                        + ")");
        this.responseCode = responseCode;
    }

    /// The code as the TPM gave it.
    public int responseCode() {
        return responseCode;
    }

    /// Whether a policy was not met: the registers are not as promised, or no session showed it.
    public boolean policyFailed() {
        int reduced = reduced(responseCode);
        return reduced == 0x9d || reduced == 0x128 || reduced == 0x124;
    }

    /// Whether a challenge was not made for these two keys.
    public boolean integrityFailed() {
        return reduced(responseCode) == 0x9f;
    }

    /// Whether a handle or index names nothing.
    boolean nothingThere() {
        return reduced(responseCode) == 0x8b;
    }

    private static int reduced(int code) {
        return (code & FORMAT_ONE) != 0 ? code & FORMAT_ONE_ERROR : code;
    }

    private static String meaning(int reduced) {
        return switch (reduced) {
            case 0x100 -> "it is started already, or not started yet";
            case 0x101 -> "it is in failure mode";
            case 0x124 -> "the authorization is not of the kind that the key wants";
            case 0x128 -> "the registers changed after the policy was checked";
            case 0x12f -> "the hierarchy or key wants another authorization";
            case 0x82 -> "the attributes do not allow it";
            case 0x84 -> "a value is out of range";
            case 0x8b -> "there is nothing under the handle";
            case 0x8e, 0xa2 -> "the authorization is wrong";
            case 0x95 -> "a structure has the wrong size";
            case 0x9d -> "the policy is not met";
            case 0x9f -> "the integrity check failed";
            case 0x902 -> "it has no room for another key";
            case 0x903 -> "it has no room for another session";
            case 0x921 -> "it is locked after wrong passwords";
            default -> "see part 2, section 6.6 of the specification";
        };
    }
}
