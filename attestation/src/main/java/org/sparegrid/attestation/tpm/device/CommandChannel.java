// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.tpm.device;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.sparegrid.attestation.wire.ByteReader;
import org.sparegrid.attestation.wire.ByteWriter;
import org.sparegrid.attestation.wire.EvidenceFormatException;

/// Puts commands together, sends them and takes their responses apart.
///
/// ```text
///  size  field of a command            size  field of a response
///     2  8001 or 8002 = authorized        2  8001 or 8002
///     4  length of all                    4  length of all
///     4  command code                     4  0, or why it was refused
///   4*h  handles                        4*h  handle
///   4+n  authorizations, if 8002        4    length of the parameters, if 8002
///     n  parameters                       n  parameters
///                                         n  answers of the sessions, if 8002
/// ```
///
/// Source: TPM 2.0 library, part 1, section 18.
final class CommandChannel {
    private static final int PLAIN = 0x8001;
    private static final int AUTHORIZED = 0x8002;
    private static final int RETRIES_MAX = 20; // for a TPM that tests itself, at most 2 s in all
    private static final long RETRY_PAUSE_MILLIS = 100;
    private static final long PASSWORD_SESSION = 0x4000_0009L;
    private static final int HANDLE_LENGTH = 4;

    private final TpmConnection connection;

    CommandChannel(TpmConnection connection) {
        this.connection = connection;
    }

    /// A command without authorization.
    ///
    /// @param body handles and parameters
    /// @return the reader behind the response's header
    ByteReader send(CommandCode code, byte[] body) throws IOException {
        return send(PLAIN, code, body);
    }

    /// An authorized command.
    ///
    /// @param handles what the command is about, the ones that want authorization first
    /// @param authorizations one for each of them, and one that encrypts
    /// @param parameters what follows; changed if it is encrypted
    /// @param handlesReturned number of handles in the response
    /// @return the returned handles, then the parameters
    ByteReader send(
            CommandCode code,
            List<NamedHandle> handles,
            List<Authorization> authorizations,
            byte[] parameters,
            int handlesReturned)
            throws IOException {
        byte[] sessions = authorize(code, handles, authorizations, parameters);
        ByteWriter body = new ByteWriter();
        handles.forEach(handle -> body.u32(handle.handle()));
        body.sized32(sessions).bytes(parameters);
        try {
            ByteReader in = send(AUTHORIZED, code, body.toBytes());
            byte[] handleBytes = in.bytes((long) handlesReturned * HANDLE_LENGTH);
            byte[] returned = in.sized32(TpmConnection.MESSAGE_LENGTH_MAX);
            acceptSessions(code, authorizations, in, returned);
            in.end();
            return ByteReader.bigEndian(
                    code.title() + " response",
                    new ByteWriter().bytes(handleBytes).bytes(returned).toBytes());
        } catch (EvidenceFormatException malformed) {
            throw new IOException("TPM gave a malformed response", malformed);
        }
    }

    private static byte[] authorize(
            CommandCode code,
            List<NamedHandle> handles,
            List<Authorization> authorizations,
            byte[] parameters)
            throws IOException {
        for (Authorization authorization : authorizations) {
            if (authorization instanceof Authorization.Encryption(EncryptionSession session)) {
                session.encryptCommand(parameters);
            }
        }
        List<byte[]> digested = new ArrayList<>();
        digested.add(new ByteWriter().u32(code.code()).toBytes());
        handles.forEach(handle -> digested.add(handle.name().toBytes()));
        digested.add(parameters);
        byte[] commandDigest = EncryptionSession.HASH.hash(digested.toArray(byte[][]::new));
        ByteWriter sessions = new ByteWriter();
        for (Authorization authorization : authorizations) {
            switch (authorization) {
                case Authorization.EmptyPassword() -> plain(sessions, PASSWORD_SESSION);
                case Authorization.Policy(PolicySession session) ->
                        plain(sessions, session.handle());
                case Authorization.Encryption(EncryptionSession session) ->
                        sessions.bytes(session.authorize(commandDigest));
            }
        }
        return sessions.toBytes();
    }

    private static void plain(ByteWriter sessions, long handle) {
        sessions.u32(handle).u16(0).u8(0).u16(0); // no nonce, the session ends, no HMAC
    }

    private static void acceptSessions(
            CommandCode code, List<Authorization> authorizations, ByteReader in, byte[] returned)
            throws IOException, EvidenceFormatException {
        byte[] head = new ByteWriter().u32(0).u32(code.code()).toBytes();
        byte[] responseDigest = EncryptionSession.HASH.hash(head, returned);
        for (Authorization authorization : authorizations) {
            byte[] nonce = in.sized16(EncryptionSession.NONCE_LENGTH);
            int attributes = in.u8();
            byte[] mac = in.sized16(EncryptionSession.HASH.lengthBytes());
            if (authorization instanceof Authorization.Encryption(EncryptionSession session)) {
                session.acceptResponse(nonce, attributes, mac, responseDigest, returned);
            }
        }
    }

    private ByteReader send(int tag, CommandCode code, byte[] body) throws IOException {
        byte[] command =
                new ByteWriter()
                        .u16(tag)
                        .u32(body.length + 10)
                        .u32(code.code())
                        .bytes(body)
                        .toBytes();
        for (int retry = 0; ; retry++) {
            byte[] response = connection.transmit(command);
            try {
                ByteReader in = ByteReader.bigEndian(code.title() + " response", response);
                int found = in.u16();
                long length = in.u32();
                in.check(length == response.length, "its own length", 2, length);
                int rc = (int) in.u32();
                if (rc == 0) {
                    in.check(found == tag, "tag 0x" + Integer.toHexString(tag), 0, found);
                    return in;
                }
                if (!worthRetrying(rc) || retry == RETRIES_MAX) {
                    throw new TpmException(code.title(), rc);
                }
            } catch (EvidenceFormatException malformed) {
                throw new IOException(
                        "TPM gave a malformed response of "
                                + response.length
                                + " bytes, tag "
                                + Arrays.toString(Arrays.copyOf(response, 2)),
                        malformed);
            }
            pause();
        }
    }

    /// Yielded, testing, or retry: the command was not begun.
    private static boolean worthRetrying(int rc) {
        return rc == 0x908 || rc == 0x90a || rc == 0x922;
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(RETRY_PAUSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the TPM was busy", interrupted);
        }
    }
}
