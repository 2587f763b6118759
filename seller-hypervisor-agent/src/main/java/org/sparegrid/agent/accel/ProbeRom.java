// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.accel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// A program for a bare virtual machine, as a ROM of 64 KiB in place of a BIOS.
///
/// It prints one letter on port 0xE9 for each thing that works and leaves QEMU with exit code 33
/// after the last: A real mode, B protected mode, C long mode, D a loop with SSE2, `cpuid` and
/// `rdtsc`, E breakpoint and invalid opcode, F page fault and page table switches, G system calls
/// from ring 3, H the APIC's timer.
final class ProbeRom {
    /// All stages, in their order.
    static final String STAGES = "ABCDEFGH";

    /// QEMU's exit code when the program wrote 0x10 to the debug exit device.
    static final int EXIT_DONE = 33;

    private static final int LENGTH_BYTES = 65_536;

    /// Where a processor begins, 16 bytes below the end: a far jump to the ROM's first byte.
    private static final int RESET = 0xFFF0;

    private ProbeRom() {}

    /// The whole ROM.
    static byte[] bytes() throws IOException {
        byte[] rom = new byte[LENGTH_BYTES];
        try (InputStream in = ProbeRom.class.getResourceAsStream("probe.rom.zlib.base64")) {
            String text =
                    new String(
                            Objects.requireNonNull(in, "the probe's program").readAllBytes(),
                            StandardCharsets.US_ASCII);
            Inflater inflater = new Inflater();
            inflater.setInput(Base64.getMimeDecoder().decode(text));
            inflater.inflate(rom);
            inflater.end();
        } catch (DataFormatException damaged) {
            throw new IOException("the probe's program is damaged", damaged);
        }
        rom[RESET] = (byte) 0xEA;
        rom[RESET + 4] = (byte) 0xF0;
        return rom;
    }
}
