// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.List;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.api.Rules;

/// Whom accounts deal with.
final class RuleBook {
    /// Rules of one account; longer lists are better written as a query.
    private static final int RULES_MAX = 200;

    private final Exchange exchange;

    RuleBook(Exchange exchange) {
        this.exchange = exchange;
    }

    Rules list(AccountId account) {
        return exchange.read(tx -> new Rules(tx.rules().of(account)));
    }

    /// Adds a rule, or changes the one about the same subject.
    Rules put(AccountId account, Rule rule) {
        return exchange.change((tx, _, now) -> {
            Rule exact = new Rule(rule.side(), rule.kind(), subject(tx, rule));
            tx.rules().put(account, exact, now);
            List<Rule> all = tx.rules().of(account);
            if (all.size() > RULES_MAX) {
                throw new RefusedException(
                        Reason.CONFLICT, "an account has at most " + RULES_MAX + " rules");
            }
            return new Rules(all);
        });
    }

    /// Removes a rule.
    Rules remove(AccountId account, Rule.Side side, String subject) {
        return exchange.change((tx, _, _) -> {
            String exact = subject(tx, new Rule(side, Rule.Kind.BLOCK, subject));
            if (!tx.rules().delete(account, side, exact)) {
                throw RefusedException.notFound("rule about " + subject);
            }
            return new Rules(tx.rules().of(account));
        });
    }

    private static String subject(Transaction tx, Rule rule) {
        String subject = rule.subject();
        if (Access.isAccount(subject)) {
            AccountId account = account(subject);
            if (tx.accounts().find(account).isEmpty()) {
                throw RefusedException.notFound("account " + subject);
            }
            return account.value();
        }
        if (rule.side() == Rule.Side.SELLING) {
            throw new RefusedException(
                    Reason.INVALID, "subject: expected the buyer's account, got " + subject);
        }
        List<SellerId> found =
                subject.matches("[0-9a-f]{8,40}") ? tx.sellers().startingWith(subject) : List.of();
        if (found.size() > 1) {
            throw new RefusedException(
                    Reason.CONFLICT, "more than one computer begins with " + subject);
        }
        if (found.isEmpty()) {
            throw RefusedException.notFound("seller " + subject);
        }
        return found.getFirst().value();
    }

    private static AccountId account(String text) {
        try {
            return new AccountId(text);
        } catch (IllegalArgumentException malformed) {
            throw new RefusedException(Reason.INVALID, String.valueOf(malformed.getMessage()));
        }
    }
}
