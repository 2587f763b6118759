// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.eventlog;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.sparegrid.attestation.tpm.HashAlgorithm;
import org.sparegrid.attestation.wire.Octets;

/// Something that firmware or a boot loader measured.
///
/// Only the digests are covered by a quote. Neither the type nor the data is: believe data only
/// where [#dataIsMeasured] holds, and a type never.
///
/// @param register the register that was extended; -1 for notes that belong to none
/// @param type what the measurer says it is
/// @param digests what was extended, by bank
/// @param data what the measurer says about it
public record BootEvent(int register, long type, Map<HashAlgorithm, Octets> digests, Octets data) {
    /// The register of notes that belong to none.
    public static final int NO_REGISTER = -1;

    /// The type of notes that are not measured.
    public static final long NO_ACTION = 3;

    /// The type of the mark between firmware and what it starts.
    public static final long SEPARATOR = 4;

    /// Copies the map.
    public BootEvent {
        EnumMap<HashAlgorithm, Octets> copy = new EnumMap<>(HashAlgorithm.class);
        copy.putAll(digests);
        digests = Collections.unmodifiableMap(copy);
    }

    /// Whether the event changed its register.
    public boolean extended() {
        return type != NO_ACTION;
    }

    /// Whether the digest of a bank is that of the data, so that a quote covers the data too.
    public boolean dataIsMeasured(HashAlgorithm bank) {
        Octets digest = digests.get(bank);
        return digest != null && digest.equals(Octets.of(bank.hash(data.toBytes())));
    }

    /// The name of the type in the specification, for people.
    public String typeName() {
        return switch ((int) type) {
            case 0x0 -> "EV_PREBOOT_CERT";
            case 0x1 -> "EV_POST_CODE";
            case 0x3 -> "EV_NO_ACTION";
            case 0x4 -> "EV_SEPARATOR";
            case 0x5 -> "EV_ACTION";
            case 0x6 -> "EV_EVENT_TAG";
            case 0x7 -> "EV_S_CRTM_CONTENTS";
            case 0x8 -> "EV_S_CRTM_VERSION";
            case 0x9 -> "EV_CPU_MICROCODE";
            case 0xa -> "EV_PLATFORM_CONFIG_FLAGS";
            case 0xb -> "EV_TABLE_OF_DEVICES";
            case 0xc -> "EV_COMPACT_HASH";
            case 0xd -> "EV_IPL";
            case 0x8000_0001 -> "EV_EFI_VARIABLE_DRIVER_CONFIG";
            case 0x8000_0002 -> "EV_EFI_VARIABLE_BOOT";
            case 0x8000_0003 -> "EV_EFI_BOOT_SERVICES_APPLICATION";
            case 0x8000_0004 -> "EV_EFI_BOOT_SERVICES_DRIVER";
            case 0x8000_0005 -> "EV_EFI_RUNTIME_SERVICES_DRIVER";
            case 0x8000_0006 -> "EV_EFI_GPT_EVENT";
            case 0x8000_0007 -> "EV_EFI_ACTION";
            case 0x8000_0008 -> "EV_EFI_PLATFORM_FIRMWARE_BLOB";
            case 0x8000_0009 -> "EV_EFI_HANDOFF_TABLES";
            case 0x8000_000a -> "EV_EFI_PLATFORM_FIRMWARE_BLOB2";
            case 0x8000_000b -> "EV_EFI_HANDOFF_TABLES2";
            case 0x8000_000c -> "EV_EFI_VARIABLE_BOOT2";
            case 0x8000_0010 -> "EV_EFI_HCRTM_EVENT";
            case 0x8000_00e0 -> "EV_EFI_VARIABLE_AUTHORITY";
            default -> "0x" + Long.toHexString(type);
        };
    }
}
