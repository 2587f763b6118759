// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.cli.client;

import org.sparegrid.protocol.api.Problem;

/// The coordinator refused a request and said why.
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    public RefusedException(Problem problem) {
        super(problem.detail().isEmpty() ? problem.title() : problem.detail(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }

    /// The problem's name, such as `not-found`.
    public String name() {
        return problem.type().startsWith(Problem.TYPE_PREFIX)
                ? problem.type().substring(Problem.TYPE_PREFIX.length())
                : problem.type();
    }
}
