// SPDX-License-Identifier: Apache-2.0

import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.sparegrid.imagetools.chunk.Chunker;

/// Prints how many MB one thread cuts into chunks and hashes in a second of its CPU time: the median
/// of nine passes over a file in memory, after three to warm up.
final class ChunkSpeed {
    private static final ThreadMXBean CLOCK = ManagementFactory.getThreadMXBean();

    private ChunkSpeed() {}

    public static void main(String[] arguments) throws Exception {
        byte[] file = Files.readAllBytes(Path.of(arguments[0]));
        double[] speeds = new double[9];
        for (int i = -3; i < speeds.length; i++) {
            long start = CLOCK.getCurrentThreadCpuTime();
            Chunker.split(new ByteArrayInputStream(file), (_, _) -> {});
            double seconds = (CLOCK.getCurrentThreadCpuTime() - start) / 1e9;
            if (i >= 0) {
                speeds[i] = file.length / 1e6 / seconds;
            }
        }
        Arrays.sort(speeds);
        System.out.printf("%.0f%n", speeds[speeds.length / 2]);
    }
}
