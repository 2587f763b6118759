// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.Octets;

/// What firmware started, as register 4 shows it.
///
/// Firmware extends register 4 with every program that it loads, and with a few remarks of its own.
/// A remark is known by its digest alone, because the type of an event is not measured. Whatever
/// else is in the register counts as a program.
///
/// Source: TCG PC Client Platform Firmware Profile 1.05, sections 3.3.4.5 and 10.4.3.
public final class StartedPrograms {
    private static final int REGISTER = 4;

    private static final List<String> REMARKS =
            List.of(
                    "Calling EFI Application from Boot Option",
                    "Returning from EFI Application from Boot Option");

    private StartedPrograms() {}

    /// The digests of the programs in the order of their start, from a log that has been found to
    /// explain the quoted register 4.
    public static List<Octets> of(BootLog log, HashAlgorithm bank) {
        Set<Octets> passed =
                Stream.concat(
                                Stream.of(new byte[4]),
                                REMARKS.stream()
                                        .map(text -> text.getBytes(StandardCharsets.US_ASCII)))
                        .map(data -> Octets.of(bank.hash(data)))
                        .collect(Collectors.toUnmodifiableSet());
        return log.digests(REGISTER, bank).stream()
                .filter(digest -> !passed.contains(digest))
                .toList();
    }
}
