// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.rehearsal;

import java.io.IOException;
import java.util.List;

/// Where the parties of a rehearsal are, and what lies between them.
public sealed interface Site extends AutoCloseable permits LoopbackSite, NamespaceSite {
    /// The coordinator, whose address the others know.
    String COORDINATOR = "coordinator";

    /// Who rents.
    String BUYER = "buyer";

    /// The name of the seller of one machine.
    static String seller(int number) {
        return "seller" + number;
    }

    /// Makes it.
    void open(int sellers) throws IOException, InterruptedException;

    /// The coordinator's address.
    String coordinatorAddress();

    /// Whether each party has addresses and ports of its own.
    boolean separate();

    /// The words before a program that put it where `party` is.
    List<String> inside(String party);

    /// Removes it; everything inside must have ended.
    @Override
    void close() throws IOException;
}
