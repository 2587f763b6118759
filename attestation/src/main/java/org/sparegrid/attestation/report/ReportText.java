// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.report;

import java.util.List;

/// Writes a report as a person reads it.
final class ReportText {
    private static final String GREEN = "\u001b[32m";
    private static final String YELLOW = "\u001b[33m";
    private static final String RED = "\u001b[31m";
    private static final String BOLD = "\u001b[1m";
    private static final String RESET = "\u001b[0m";

    private final VerificationReport report;
    private final boolean colour;
    private final StringBuilder out = new StringBuilder();

    ReportText(VerificationReport report, boolean colour) {
        this.report = report;
        this.colour = colour;
    }

    String write() {
        title("Claimed");
        int width = report.claims().stream().mapToInt(each -> each.name().length()).max().orElse(0);
        for (Claim claim : report.claims()) {
            line("  " + padded(claim.name(), width) + "  " + plain(claim.value()));
        }
        title("Roots");
        for (UsedRoot root : report.roots()) {
            String kind = root.vendor() ? "" : " (not a maker's)";
            line("  " + plain(root.name()) + kind);
            line("    sha256 " + root.fingerprint());
        }
        if (report.roots().isEmpty()) {
            line("  none was reached");
        }
        findings("Checked", report.checks());
        findings("Policy, level " + report.level().id(), report.rules());
        verdict();
        return out.toString();
    }

    private void findings(String title, List<Finding> findings) {
        title(title);
        int width = findings.stream().mapToInt(each -> each.rule().length()).max().orElse(0);
        for (Finding finding : findings) {
            line(
                    "  "
                            + mark(finding.outcome())
                            + "  "
                            + padded(finding.rule(), width)
                            + "  "
                            + plain(finding.sentence())
                            + (finding.code().equals(Finding.OK)
                                    ? ""
                                    : " [" + finding.code() + "]"));
        }
        if (findings.isEmpty()) {
            line("  nothing");
        }
    }

    private void verdict() {
        out.append('\n');
        switch (report.verdict()) {
            case TRUSTED -> line(coloured(GREEN, "TRUSTED as " + report.level().id()));
            case POLICY_NOT_MET ->
                    line(
                            coloured(
                                    RED,
                                    "NOT TRUSTED: the evidence is genuine, the policy is not met"));
            case EVIDENCE_REFUSED -> line(coloured(RED, "NOT TRUSTED: the evidence is refused"));
        }
        if (report.verdict() == VerificationReport.Verdict.TRUSTED) {
            line("  This proves " + report.level().proves() + ".");
            line("  It does not prove " + report.level().doesNotProve() + ".");
        }
        line("  Certificates and lists were held against " + report.at() + ".");
    }

    private String mark(Finding.Outcome outcome) {
        return switch (outcome) {
            case PASS -> coloured(GREEN, "pass");
            case VOUCHED -> coloured(YELLOW, "told");
            case FAIL -> coloured(RED, "FAIL");
        };
    }

    private void title(String title) {
        if (!out.isEmpty()) {
            out.append('\n');
        }
        line(colour ? BOLD + title + RESET : title);
    }

    private String coloured(String colourCode, String text) {
        return colour ? colourCode + text + RESET : text;
    }

    /// Text from evidence must not move the cursor or colour anything.
    private static String plain(String text) {
        return text.replaceAll("[^ -~]", "?");
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private void line(String line) {
        out.append(line).append('\n');
    }
}
