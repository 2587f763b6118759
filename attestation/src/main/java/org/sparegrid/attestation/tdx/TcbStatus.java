// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.util.Optional;

/// How Intel rates the firmware of a platform.
///
/// Source: Intel PCS API v4, "tcbStatus".
public enum TcbStatus {
    UP_TO_DATE("UpToDate"),
    SW_HARDENING_NEEDED("SWHardeningNeeded"),
    CONFIGURATION_NEEDED("ConfigurationNeeded"),
    CONFIGURATION_AND_SW_HARDENING_NEEDED("ConfigurationAndSWHardeningNeeded"),
    OUT_OF_DATE("OutOfDate"),
    OUT_OF_DATE_CONFIGURATION_NEEDED("OutOfDateConfigurationNeeded"),
    REVOKED("Revoked");

    private final String id;

    TcbStatus(String id) {
        this.id = id;
    }

    /// Intel's word for it.
    public String id() {
        return id;
    }

    /// The status that Intel's word names.
    public static Optional<TcbStatus> named(String id) {
        for (TcbStatus status : values()) {
            if (status.id.equals(id)) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }

    /// The status of a platform one of whose parts has the status `part`.
    ///
    /// Source: Intel SGX DCAP quote verification library, convergeTcbStatusWithQeTcbStatus.
    TcbStatus with(TcbStatus part) {
        if (this == REVOKED || part == REVOKED) {
            return REVOKED;
        }
        if (part != OUT_OF_DATE) {
            return this;
        }
        return switch (this) {
            case UP_TO_DATE, SW_HARDENING_NEEDED, OUT_OF_DATE -> OUT_OF_DATE;
            case CONFIGURATION_NEEDED,
                    CONFIGURATION_AND_SW_HARDENING_NEEDED,
                    OUT_OF_DATE_CONFIGURATION_NEEDED ->
                    OUT_OF_DATE_CONFIGURATION_NEEDED;
            case REVOKED -> REVOKED;
        };
    }
}
