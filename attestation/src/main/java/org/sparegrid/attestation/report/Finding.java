// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.attestation.report;

/// One thing that was checked, and what came of it.
///
/// @param rule what was checked, in the words of the policy: `tee.debug`
/// @param outcome whether it holds
/// @param code a word for programs: `OK`, or why not
/// @param sentence what was found, for a person, without a full stop
public record Finding(String rule, Outcome outcome, String code, String sentence) {
    /// What came of a check.
    public enum Outcome {
        PASS,
        /// Somebody else says so; nothing here proves it.
        VOUCHED,
        /// It does not hold, or could not be checked.
        FAIL
    }

    /// Of everything that holds.
    public static final String OK = "OK";

    public static Finding pass(String rule, String sentence) {
        return new Finding(rule, Outcome.PASS, OK, sentence);
    }

    public static Finding vouched(String rule, String sentence) {
        return new Finding(rule, Outcome.VOUCHED, "VOUCHED", sentence);
    }

    public static Finding fail(String rule, String code, String sentence) {
        return new Finding(rule, Outcome.FAIL, code, sentence);
    }
}
