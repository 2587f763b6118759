// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.operation;

import java.io.Serial;
import java.util.List;

/// The answer to a request is no; the caller is told why.
public final class RefusedException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    private final Reason reason;
    private final transient List<String> errors;
    private final int waitSeconds;

    /// Why a request was refused; the names are those of docs/protocol/rest.md.
    public enum Reason {
        UNAUTHENTICATED(401, "not signed in"),
        FORBIDDEN(403, "not allowed"),
        NOT_FOUND(404, "not found"),
        CONFLICT(409, "in conflict with what is there"),
        INVALID(400, "malformed request"),
        NO_MATCH(409, "not enough machines on offer"),
        FUNDS(402, "not enough money in the wallet"),
        COST_CAP(409, "it would cost more than allowed"),
        TOO_LARGE(413, "too large"),
        RATE_LIMITED(429, "too many requests"),
        UNAVAILABLE(503, "not available now");

        private final int status;
        private final String title;

        Reason(int status, String title) {
            this.status = status;
            this.title = title;
        }

        /// The HTTP status.
        public int status() {
            return status;
        }

        /// What happened, in a few words.
        public String title() {
            return title;
        }

        /// The last part of the problem's type, as in `no-match`.
        public String problem() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /// A refusal with one reason; `detail` says what was wrong and what to do.
    public RefusedException(Reason reason, String detail) {
        this(reason, detail, List.of());
    }

    /// A refusal with every fault in `errors`.
    public RefusedException(Reason reason, String detail, List<String> errors) {
        this(reason, detail, errors, 0);
    }

    private RefusedException(Reason reason, String detail, List<String> errors, int waitSeconds) {
        super(detail, null, false, false);
        this.waitSeconds = waitSeconds;
        this.reason = reason;
        this.errors = List.copyOf(errors);
    }

    /// Nothing of that name belongs to the asker.
    public static RefusedException notFound(Object name) {
        return new RefusedException(Reason.NOT_FOUND, "there is no " + name + " of yours");
    }

    /// There is nothing of that name.
    public static RefusedException unknown(Object name) {
        return new RefusedException(Reason.NOT_FOUND, "there is no " + name);
    }

    /// The asker asks too often.
    ///
    /// @param waitSeconds after which time the request will be welcome
    public static RefusedException tooMany(String what, int waitSeconds) {
        return new RefusedException(
                Reason.RATE_LIMITED,
                what + "; try again in " + waitSeconds + " s",
                List.of(),
                waitSeconds);
    }

    public Reason reason() {
        return reason;
    }

    /// After which time to try again, 0 if that is not known.
    public int waitSeconds() {
        return waitSeconds;
    }

    public List<String> errors() {
        return errors;
    }
}
