// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.appliance;

import java.util.ArrayList;
import java.util.List;
import org.sparegrid.attestation.wire.Octets;

/// What a TPM holds of the start of one version of the appliance, in the bank of SHA-256.
///
/// Registers 12 and 13 do not stand here: they hold what was added to the command line, and files
/// beside the program, and an appliance has neither, so they have to be as after a reset.
///
/// @param programs what firmware loads into register 4, in order: the program and the kernel in it
/// @param loaded register 9: command line and first file system
/// @param sections register 11: the parts of the program
public record ApplianceBoot(List<Octets> programs, Octets loaded, Octets sections) {
    /// The register of the programs that firmware loads.
    public static final int PROGRAMS = 4;

    /// The register of what the kernel was given.
    public static final int LOADED = 9;

    /// The register of the parts of the program.
    public static final int SECTIONS = 11;

    /// The registers of what was added to the program from outside; none may be.
    public static final List<Integer> ADDITIONS = List.of(12, 13);

    /// Length of every value.
    public static final int DIGEST_BYTES = 32;

    /// Copies the list and checks that all values have 32 bytes.
    public ApplianceBoot {
        programs = List.copyOf(programs);
        List<Octets> all = new ArrayList<>(programs);
        all.add(loaded);
        all.add(sections);
        if (programs.isEmpty() || all.stream().anyMatch(each -> each.length() != DIGEST_BYTES)) {
            throw new IllegalArgumentException(
                    "appliance: expected programs and digests of 32 bytes");
        }
    }
}
