// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

/// The commands that this library sends.
///
/// Source: TPM 2.0 library, part 2, section 6.5.2.
enum CommandCode {
    CREATE_PRIMARY(0x131, "CreatePrimary"),
    PCR_RESET(0x13d, "PCR_Reset"),
    STARTUP(0x144, "Startup"),
    ACTIVATE_CREDENTIAL(0x147, "ActivateCredential"),
    NV_READ(0x14e, "NV_Read"),
    POLICY_SECRET(0x151, "PolicySecret"),
    CREATE(0x153, "Create"),
    LOAD(0x157, "Load"),
    QUOTE(0x158, "Quote"),
    FLUSH_CONTEXT(0x165, "FlushContext"),
    MAKE_CREDENTIAL(0x168, "MakeCredential"),
    NV_READ_PUBLIC(0x169, "NV_ReadPublic"),
    POLICY_COMMAND_CODE(0x16c, "PolicyCommandCode"),
    READ_PUBLIC(0x173, "ReadPublic"),
    START_AUTH_SESSION(0x176, "StartAuthSession"),
    GET_CAPABILITY(0x17a, "GetCapability"),
    PCR_READ(0x17e, "PCR_Read"),
    POLICY_PCR(0x17f, "PolicyPCR"),
    READ_CLOCK(0x181, "ReadClock"),
    PCR_EXTEND(0x182, "PCR_Extend"),
    POLICY_GET_DIGEST(0x189, "PolicyGetDigest");

    private final int code;
    private final String title;

    CommandCode(int code, String title) {
        this.code = code;
        this.title = title;
    }

    int code() {
        return code;
    }

    String title() {
        return title;
    }
}
