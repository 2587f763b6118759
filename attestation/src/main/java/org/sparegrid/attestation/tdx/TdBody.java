// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tdx;

import java.util.ArrayList;
import java.util.List;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.EvidenceFormatException;
import org.sparegrid.attestation.wire.Octets;

/// What a TDX module states about a trust domain, the part of a quote that is claimed.
///
/// The body is 584 bytes long, that of TDX 1.5 has 64 more; integers are little-endian.
///
/// ```text
///  offset  size  field
///       0    16  TCB versions         of the module (1), its major version (1), other parts
///      16    48  measurement of the TDX module (MRSEAM)
///      64    48  signer of the module         zeros if Intel
///     112     8  attributes of the module
///     120     8  attributes           see TdAttributes
///     128     8  processor features allowed (XFAM)
///     136    48  measurement of the domain at launch (MRTD)
///     184    48  configuration id     from the host at launch
///     232    48  owner
///     280    48  owner's configuration
///     328   192  four measurement registers the domain extends (RTMR 0 to 3)
///     520    64  report data          from the domain
///     584    16  TCB versions now     only TDX 1.5
///     600    48  measurement of a service domain bound to it   only TDX 1.5
/// ```
///
/// Source: Intel TDX DCAP quote generation library, appendix A.3.2 and A.3.3.
///
/// @param tcbVersions 16 numbers of a byte each
/// @param registers RTMR 0 to 3
public record TdBody(
        List<Integer> tcbVersions,
        Octets moduleMeasurement,
        Octets moduleSigner,
        Octets moduleAttributes,
        TdAttributes attributes,
        Octets measurement,
        Octets configurationId,
        Octets owner,
        List<Octets> registers,
        Octets reportData) {
    static final int LENGTH_1_0 = 584;
    static final int LENGTH_1_5 = 648;

    private static final int DIGEST = 48;
    private static final int REGISTERS = 4;

    public TdBody {
        tcbVersions = List.copyOf(tcbVersions);
        registers = List.copyOf(registers);
    }

    static TdBody read(ByteReader in, int length) throws EvidenceFormatException {
        final int start = in.offset();
        final List<Integer> versions = TcbVersions.read(in);
        final Octets moduleMeasurement = Octets.of(in.bytes(DIGEST));
        final Octets moduleSigner = Octets.of(in.bytes(DIGEST));
        final Octets moduleAttributes = Octets.of(in.bytes(8));
        final TdAttributes attributes = TdAttributes.parse(in.u64());
        in.skip(8);
        final Octets measurement = Octets.of(in.bytes(DIGEST));
        final Octets configurationId = Octets.of(in.bytes(DIGEST));
        final Octets owner = Octets.of(in.bytes(DIGEST));
        in.skip(DIGEST);
        final List<Octets> registers = new ArrayList<>();
        for (int i = 0; i < REGISTERS; i++) {
            registers.add(Octets.of(in.bytes(DIGEST)));
        }
        final Octets reportData = Octets.of(in.bytes(64));
        in.skip(start + length - in.offset());
        return new TdBody(
                versions,
                moduleMeasurement,
                moduleSigner,
                moduleAttributes,
                attributes,
                measurement,
                configurationId,
                owner,
                registers,
                reportData);
    }
}
