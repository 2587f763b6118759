// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.agent.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Collects findings, and mends what can be mended without asking.
final class Findings {
    private final boolean mend;
    private final List<Finding> all = new ArrayList<>();

    /// @param mend whether repairs are done
    Findings(boolean mend) {
        this.mend = mend;
    }

    /// Mends something that belongs to the agent alone.
    interface Repair {
        void mend() throws IOException;
    }

    List<Finding> all() {
        return List.copyOf(all);
    }

    boolean has(String id) {
        return all.stream().anyMatch(finding -> finding.id().equals(id));
    }

    void ok(String subject, String text) {
        all.add(new Finding("ok", Finding.Level.OK, subject, text, "", false));
    }

    void advice(String id, String subject, String text, String fix) {
        all.add(new Finding(id, Finding.Level.ADVICE, subject, text, fix, false));
    }

    void fault(String id, String subject, String text, String fix) {
        all.add(new Finding(id, Finding.Level.FAULT, subject, text, fix, false));
    }

    /// A fault that `doctor --fix` mends.
    void mendable(String id, String subject, String text, String fix, Repair repair) {
        boolean mended = false;
        String words = text;
        if (mend) {
            try {
                repair.mend();
                mended = true;
            } catch (IOException failed) {
                words = text + "; mending failed: " + failed.getMessage();
            }
        }
        all.add(new Finding(id, Finding.Level.FAULT, subject, words, fix, mended));
    }
}
