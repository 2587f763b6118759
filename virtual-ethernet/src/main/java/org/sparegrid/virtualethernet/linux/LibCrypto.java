// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout.OfLong;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/// OpenSSL's authenticated ciphers.
///
/// The calls that every packet makes are critical: they take Java arrays as they are, and last
/// under two microseconds. Source: OpenSSL 3.0, EVP_EncryptInit(3).
public final class LibCrypto {
    /// A cipher of OpenSSL.
    public enum Algorithm {
        /// `EVP_chacha20_poly1305`.
        CHACHA20_POLY1305("EVP_chacha20_poly1305"),

        /// `EVP_aes_256_gcm`.
        AES_256_GCM("EVP_aes_256_gcm");

        private final String symbol;

        Algorithm(String symbol) {
            this.symbol = symbol;
        }
    }

    private static final String LIBRARY = "libcrypto.so.3";
    private static final int TAG_LENGTH = 16;
    private static final int NONCE_LENGTH = 12;
    private static final int GET_TAG = 0x10;
    private static final int SET_TAG = 0x11;
    private static final OfLong COUNTER = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private LibCrypto() {}

    /// Whether this computer has the library with all that is needed.
    public static boolean isPresent() {
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup library = library(arena);
            for (Algorithm algorithm : Algorithm.values()) {
                if (library.find(algorithm.symbol).isEmpty()) {
                    return false;
                }
            }
            return library.find("EVP_CIPHER_CTX_ctrl").isPresent();
        } catch (IllegalArgumentException | IllegalCallerException missing) {
            return false;
        }
    }

    /// A context for one key; the key is copied.
    public static Context newContext(Algorithm algorithm, byte[] key) {
        return new Context(algorithm, key);
    }

    @SuppressWarnings("restricted") // this package is the one place for native calls
    private static SymbolLookup library(Arena arena) {
        return SymbolLookup.libraryLookup(LIBRARY, arena);
    }

    /// The functions, looked up when the first context is made.
    private static final class Calls {
        static final SymbolLookup LOOKUP = library(Arena.global());
        static final FunctionDescriptor INIT =
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
        static final FunctionDescriptor UPDATE =
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT);
        static final FunctionDescriptor FINAL =
                FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
        static final MethodHandle ENCRYPT_INIT = critical("EVP_EncryptInit_ex", INIT);
        static final MethodHandle ENCRYPT_UPDATE = critical("EVP_EncryptUpdate", UPDATE);
        static final MethodHandle ENCRYPT_FINAL = critical("EVP_EncryptFinal_ex", FINAL);
        static final MethodHandle DECRYPT_INIT = critical("EVP_DecryptInit_ex", INIT);
        static final MethodHandle DECRYPT_UPDATE = critical("EVP_DecryptUpdate", UPDATE);
        static final MethodHandle DECRYPT_FINAL = critical("EVP_DecryptFinal_ex", FINAL);
        static final MethodHandle CONTROL =
                critical(
                        "EVP_CIPHER_CTX_ctrl",
                        FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
        static final MethodHandle NEW = plain("EVP_CIPHER_CTX_new", FunctionDescriptor.of(ADDRESS));
        static final MethodHandle FREE =
                plain("EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(ADDRESS));

        private Calls() {}

        @SuppressWarnings("restricted") // this package is the one place for native calls
        private static MethodHandle critical(String name, FunctionDescriptor type) {
            return Linker.nativeLinker()
                    .downcallHandle(LOOKUP.findOrThrow(name), type, Linker.Option.critical(true));
        }

        @SuppressWarnings("restricted") // this package is the one place for native calls
        private static MethodHandle plain(String name, FunctionDescriptor type) {
            return Linker.nativeLinker().downcallHandle(LOOKUP.findOrThrow(name), type);
        }
    }

    /// A key that has been prepared for many packets. Not for two threads at once.
    public static final class Context implements AutoCloseable {
        private final MemorySegment encrypting;
        private final MemorySegment decrypting;
        private final MemorySegment nonce;
        private final MemorySegment written;
        private boolean closed;

        private Context(Algorithm algorithm, byte[] key) {
            Arena arena = Arena.ofAuto();
            nonce = arena.allocate(16, 16);
            written = arena.allocate(JAVA_INT);
            try (Arena brief = Arena.ofConfined()) {
                MemorySegment secret = brief.allocate(key.length);
                MemorySegment.copy(key, 0, secret, JAVA_BYTE, 0, key.length);
                MemorySegment cipher =
                        (MemorySegment)
                                Calls.plain(algorithm.symbol, FunctionDescriptor.of(ADDRESS))
                                        .invokeExact();
                encrypting = (MemorySegment) Calls.NEW.invokeExact();
                decrypting = (MemorySegment) Calls.NEW.invokeExact();
                MemorySegment none = MemorySegment.NULL;
                int good =
                        (int)
                                Calls.ENCRYPT_INIT.invokeExact(
                                        encrypting, cipher, none, secret, nonce);
                good &=
                        (int)
                                Calls.DECRYPT_INIT.invokeExact(
                                        decrypting, cipher, none, secret, nonce);
                secret.fill((byte) 0);
                check(good, "preparing a key");
            } catch (Throwable failure) {
                throw failed(failure);
            }
        }

        /// Seals `length` bytes in their place, and puts the tag of 16 bytes behind them.
        public void seal(long counter, byte[] buffer, int offset, int length) {
            MemorySegment whole = MemorySegment.ofArray(buffer);
            MemorySegment text = whole.asSlice(offset, length);
            MemorySegment tag = whole.asSlice((long) offset + length, TAG_LENGTH);
            MemorySegment none = MemorySegment.NULL;
            begin(counter);
            try {
                int good =
                        (int) Calls.ENCRYPT_INIT.invokeExact(encrypting, none, none, none, nonce);
                good &=
                        (int)
                                Calls.ENCRYPT_UPDATE.invokeExact(
                                        encrypting, text, written, text, length);
                good &= (int) Calls.ENCRYPT_FINAL.invokeExact(encrypting, tag, written);
                good &= (int) Calls.CONTROL.invokeExact(encrypting, GET_TAG, TAG_LENGTH, tag);
                check(good, "sealing");
            } catch (Throwable failure) {
                throw failed(failure);
            }
        }

        /// Opens `length` bytes, behind which the tag is; false for a forgery.
        public boolean open(
                long counter, byte[] sealed, int offset, int length, byte[] out, int at) {
            MemorySegment whole = MemorySegment.ofArray(sealed);
            MemorySegment from = whole.asSlice(offset, length);
            MemorySegment tag = whole.asSlice((long) offset + length, TAG_LENGTH);
            MemorySegment to = MemorySegment.ofArray(out).asSlice(at, length);
            MemorySegment none = MemorySegment.NULL;
            begin(counter);
            try {
                int good =
                        (int) Calls.DECRYPT_INIT.invokeExact(decrypting, none, none, none, nonce);
                good &=
                        (int)
                                Calls.DECRYPT_UPDATE.invokeExact(
                                        decrypting, to, written, from, length);
                good &= (int) Calls.CONTROL.invokeExact(decrypting, SET_TAG, TAG_LENGTH, tag);
                check(good, "opening");
                // Neither cipher writes anything here; the nonce's room will do as a target.
                return (int) Calls.DECRYPT_FINAL.invokeExact(decrypting, nonce, written) == 1;
            } catch (Throwable failure) {
                throw failed(failure);
            }
        }

        /// Erases the key and gives the memory back.
        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            try {
                Calls.FREE.invokeExact(encrypting);
                Calls.FREE.invokeExact(decrypting);
            } catch (Throwable failure) {
                throw failed(failure);
            }
        }

        private void begin(long counter) {
            if (closed) {
                throw new IllegalStateException("the key is gone");
            }
            nonce.set(COUNTER, NONCE_LENGTH - Long.BYTES, counter);
        }
    }

    private static void check(int result, String doing) {
        if (result != 1) {
            throw new IllegalStateException("libcrypto: " + doing + " failed");
        }
    }

    private static IllegalStateException failed(Throwable failure) {
        return failure instanceof IllegalStateException state
                ? state
                : new IllegalStateException("libcrypto call failed", failure);
    }
}
