// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// The TPM behind the kernel's resource manager, `/dev/tpmrm0`.
///
/// The kernel gives each opening of the device keys and sessions of its own and ends them with it.
public final class DeviceConnection implements TpmConnection {
    /// Where Linux has the first TPM with a resource manager.
    public static final Path DEFAULT = Path.of("/dev/tpmrm0");

    private final FileChannel device;

    private DeviceConnection(FileChannel device) {
        this.device = device;
    }

    /// Opens the device.
    ///
    /// @throws IOException if it is not there or not ours to use
    public static DeviceConnection open(Path path) throws IOException {
        return new DeviceConnection(
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public byte[] transmit(byte[] command) throws IOException {
        int written = device.write(ByteBuffer.wrap(command));
        if (written != command.length) {
            throw new IOException(
                    "TPM device: expected to write " + command.length + " bytes, wrote " + written);
        }
        ByteBuffer response = ByteBuffer.allocate(MESSAGE_LENGTH_MAX);
        int read = device.read(response);
        if (read < 0) {
            throw new IOException("TPM device: expected a response, got the end");
        }
        return Arrays.copyOf(response.array(), read);
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
