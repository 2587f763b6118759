// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.virtualethernet.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A guest's memory, mapped into this process; every access is checked against its regions.
///
/// The files must be of shared memory that cannot shrink, or touching it could end this process.
/// Source: QEMU, docs/interop/vhost-user.rst; fcntl(2), file sealing.
public final class GuestMemory implements AutoCloseable {
    /// Regions that a front-end may name, by the protocol without memory slots.
    public static final int REGIONS_MAX = 8;

    /// Bytes that a guest may have in all: 1 TiB, more than any seller's computer.
    private static final long SIZE_MAX = 1L << 40;

    private static final int F_GET_SEALS = 1034;
    private static final int F_SEAL_SHRINK = 2;

    /// `f_type` of memory without a file system. Huge pages are another kind, and refused: one that
    /// cannot be had when it is touched would end this process.
    private static final long TMPFS_MAGIC = 0x01021994;

    private static final int STATFS_BYTES = 256;
    private static final int PAGE_BYTES = 4096;

    private final Arena arena = Arena.ofShared();
    private final List<Region> regions;
    private final MemorySegment[] segments;

    /// A range of guest memory.
    ///
    /// @param guestAddress where the guest sees it
    /// @param sizeBytes its length
    /// @param userAddress where its QEMU sees it
    /// @param offsetBytes where it begins in its file
    public record Region(long guestAddress, long sizeBytes, long userAddress, long offsetBytes) {}

    private GuestMemory(List<Region> regions) {
        this.regions = regions;
        this.segments = new MemorySegment[regions.size()];
    }

    /// Maps regions of the files of the same index, which the caller may close afterwards.
    ///
    /// @throws GuestFaultException if one contradicts itself, another or its file
    public static GuestMemory map(List<Region> regions, List<PassedFile> files)
            throws IOException, GuestFaultException {
        check(
                !regions.isEmpty() && regions.size() <= REGIONS_MAX,
                "1 to 8 regions",
                regions.size());
        check(files.size() == regions.size(), "a file for each region", files.size());
        long sum = 0;
        List<Region> seen = new ArrayList<>();
        for (Region region : regions) {
            checkSize(region);
            sum += region.sizeBytes;
            check(sum <= SIZE_MAX, "at most 1 TiB", sum);
            for (Region other : seen) {
                check(
                        isApart(region.guestAddress, region, other.guestAddress, other)
                                && isApart(region.userAddress, region, other.userAddress, other),
                        "regions that do not overlap",
                        region.guestAddress);
            }
            seen.add(region);
        }
        GuestMemory memory = new GuestMemory(List.copyOf(regions));
        try {
            for (int i = 0; i < regions.size(); i++) {
                memory.segments[i] = memory.map(regions.get(i), files.get(i).number());
            }
            return memory;
        } catch (IOException | GuestFaultException refused) {
            memory.close();
            throw refused;
        }
    }

    private static void checkSize(Region region) throws GuestFaultException {
        long size = region.sizeBytes;
        check(size > 0 && size <= SIZE_MAX, "a region of 1 B to 1 TiB", size);
        long last = Long.MAX_VALUE - size;
        check(isUpTo(region.guestAddress, last), "a guest address", region.guestAddress);
        check(isUpTo(region.userAddress, last), "a user address", region.userAddress);
        check(
                isUpTo(region.offsetBytes, last) && region.offsetBytes % PAGE_BYTES == 0,
                "an offset of whole pages",
                region.offsetBytes);
    }

    private static boolean isUpTo(long value, long last) {
        return value >= 0 && value <= last;
    }

    private static boolean isApart(long address, Region region, long otherAddress, Region other) {
        return address + region.sizeBytes <= otherAddress
                || otherAddress + other.sizeBytes <= address;
    }

    @SuppressWarnings("restricted") // the length was checked against the file, which cannot shrink
    private MemorySegment map(Region region, int file) throws IOException, GuestFaultException {
        MemorySegment state = LinuxCalls.newState(arena);
        int seals = LinuxCalls.fcntl(state, file, F_GET_SEALS);
        check(
                seals >= 0 && (seals & F_SEAL_SHRINK) != 0,
                "memory sealed against shrinking (memory-backend-memfd with seal=on), seals",
                seals);
        MemorySegment system = arena.allocate(STATFS_BYTES, 8);
        LinuxCalls.fstatfs(state, file, system);
        long type = system.get(ValueLayout.JAVA_LONG, 0);
        check(type == TMPFS_MAGIC, "memory of ordinary pages, file system", type);
        long length = LinuxCalls.lseekEnd(state, file);
        check(
                region.offsetBytes + region.sizeBytes <= length,
                "a region inside its file, of length",
                length);
        long size = region.sizeBytes;
        MemorySegment place = LinuxCalls.mmap(state, file, region.offsetBytes, size);
        return place.reinterpret(size, arena, whole -> unmap(whole, size));
    }

    private static void unmap(MemorySegment whole, long size) {
        try (Arena own = Arena.ofConfined()) {
            LinuxCalls.munmap(LinuxCalls.newState(own), whole, size);
        } catch (IOException broken) {
            System.getLogger(GuestMemory.class.getName())
                    .log(System.Logger.Level.WARNING, "guest memory stays mapped", broken);
        }
    }

    /// A piece that the guest's QEMU names by its own address.
    ///
    /// @throws GuestFaultException if it does not lie in one region, or not at a multiple of
    ///   `alignment`
    public SharedArea area(long userAddress, int lengthBytes, int alignment)
            throws GuestFaultException {
        check(userAddress % alignment == 0, "an aligned ring", userAddress);
        for (int i = 0; i < segments.length; i++) {
            long offset = userAddress - regions.get(i).userAddress;
            if (userAddress >= 0 && isInside(offset, lengthBytes, regions.get(i))) {
                check(offset % alignment == 0, "an aligned region", userAddress);
                return new SharedArea(segments[i].asSlice(offset, lengthBytes));
            }
        }
        throw fault("a ring inside a region", userAddress);
    }

    /// Copies from the guest's memory.
    ///
    /// @throws GuestFaultException if the range does not lie in one region
    public void read(long guestAddress, byte[] into, int at, int lengthBytes)
            throws GuestFaultException {
        int region = region(guestAddress, lengthBytes);
        long offset = guestAddress - regions.get(region).guestAddress;
        MemorySegment.copy(segments[region], ValueLayout.JAVA_BYTE, offset, into, at, lengthBytes);
    }

    /// Copies into the guest's memory.
    ///
    /// @throws GuestFaultException if the range does not lie in one region
    public void write(long guestAddress, byte[] from, int at, int lengthBytes)
            throws GuestFaultException {
        int region = region(guestAddress, lengthBytes);
        long offset = guestAddress - regions.get(region).guestAddress;
        MemorySegment.copy(from, at, segments[region], ValueLayout.JAVA_BYTE, offset, lengthBytes);
    }

    /// Refuses a range that does not lie in one region.
    public void check(long guestAddress, long lengthBytes) throws GuestFaultException {
        region(guestAddress, lengthBytes);
    }

    private int region(long guestAddress, long lengthBytes) throws GuestFaultException {
        if (guestAddress >= 0 && lengthBytes >= 0) {
            for (int i = 0; i < segments.length; i++) {
                Region region = regions.get(i);
                if (isInside(guestAddress - region.guestAddress, lengthBytes, region)) {
                    return i;
                }
            }
        }
        throw fault("a buffer of " + lengthBytes + " bytes inside a region", guestAddress);
    }

    private static boolean isInside(long offset, long lengthBytes, Region region) {
        return offset >= 0 && offset <= region.sizeBytes - lengthBytes;
    }

    /// Takes the memory out of this process; nobody may use it any more.
    @Override
    public void close() {
        arena.close();
    }

    private static void check(boolean holds, String expected, long got) throws GuestFaultException {
        if (!holds) {
            throw fault(expected, got);
        }
    }

    private static GuestFaultException fault(String expected, long got) {
        return new GuestFaultException(
                "vhost-user: expected " + expected + ", got 0x" + Long.toHexString(got));
    }
}
