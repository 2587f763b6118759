// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.sparegrid.coordinator.market.Terms;
import org.sparegrid.coordinator.market.book.Demand;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.store.Transaction;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.SlotId;
import org.sparegrid.protocol.api.Rule;
import org.sparegrid.protocol.market.Attribute;
import org.sparegrid.protocol.market.OrderSpec;
import org.sparegrid.protocol.market.Query;
import org.sparegrid.protocol.market.Term;

/// Whose machines a buyer may get: what the buyer and the sellers allow and block.
///
/// @param terms about the owners
/// @param except computers that are ruled out one by one
/// @param only the one computer that will do, because the order's volume lies there; or none
/// @param kept slots that are kept for the order, which nobody else gets
/// @param reach the time in which it may have slots, as far as others' bookings matter
record Access(
        Query terms, Set<SellerId> except, List<SellerId> only, List<SlotId> kept, Reach reach) {
    /// Owners in one term.
    private static final int NAMES_MAX = 256;

    /// Owners that refuse a buyer; with more of them the buyer had better ask why.
    private static final int AGAINST_MAX = 16 * NAMES_MAX;

    Access {
        except = Set.copyOf(except);
        only = List.copyOf(only);
        kept = List.copyOf(kept);
    }

    /// The rules about a buyer by now, and where his order's volume lies.
    ///
    /// @throws RefusedException if he can't use the volume now
    static Access of(Transaction tx, AccountId buyer, OrderSpec spec) {
        Access all = of(tx, buyer);
        return new Access(
                all.terms,
                all.except,
                VolumeKeeping.usable(tx, buyer, spec.volume()),
                List.of(),
                Reach.NONE);
    }

    /// The rules about a buyer by now.
    static Access of(Transaction tx, AccountId buyer) {
        Set<String> blocked = new LinkedHashSet<>(tx.rules().sellersAgainst(buyer));
        if (blocked.size() > AGAINST_MAX) {
            throw new RefusedException(
                    RefusedException.Reason.CONFLICT,
                    "more than " + AGAINST_MAX + " sellers don't sell to this account");
        }
        Set<String> allowed = new LinkedHashSet<>();
        Set<SellerId> except = new HashSet<>();
        Set<SellerId> single = new HashSet<>();
        for (Rule rule : tx.rules().of(buyer)) {
            boolean blocks = rule.kind() == Rule.Kind.BLOCK;
            if (rule.side() == Rule.Side.BUYING && isAccount(rule.subject())) {
                (blocks ? blocked : allowed).add(rule.subject());
            } else if (rule.side() == Rule.Side.BUYING) {
                (blocks ? except : single).add(new SellerId(rule.subject()));
            }
        }
        Set<String> partly = new LinkedHashSet<>();
        for (SellerId seller : single) {
            tx.sellers().owner(seller).map(AccountId::value).ifPresent(partly::add);
        }
        partly.removeAll(allowed);
        for (String owner : partly) {
            tx.sellers().of(new AccountId(owner)).stream()
                    .filter(seller -> !single.contains(seller))
                    .forEach(except::add);
        }
        // A term has so many names; the computers of further owners are ruled out one by one.
        blocked.stream()
                .skip(NAMES_MAX)
                .forEach(owner -> except.addAll(tx.sellers().of(new AccountId(owner))));
        boolean choosy = !allowed.isEmpty() || !single.isEmpty();
        allowed.addAll(partly);
        return new Access(
                terms(choosy, List.copyOf(allowed), blocked.stream().limit(NAMES_MAX).toList()),
                except,
                List.of(),
                List.of(),
                Reach.NONE);
    }

    /// The same for an order for which slots are kept.
    Access keeping(List<SlotId> slots) {
        return new Access(terms, except, only, slots, reach);
    }

    /// The same for machines that may have their slots in that time.
    Access reaching(Reach next) {
        return new Access(terms, except, only, kept, next);
    }

    /// The same without these computers.
    Access without(Collection<SellerId> sellers) {
        Set<SellerId> more = new HashSet<>(except);
        more.addAll(sellers);
        return new Access(terms, more, only, kept, reach);
    }

    /// Whether a rule is about an account rather than a computer.
    static boolean isAccount(String subject) {
        return subject.startsWith(AccountId.PREFIX);
    }

    private static Query terms(boolean choosy, List<String> allowed, List<String> blocked) {
        List<Term> terms = new ArrayList<>();
        if (choosy) {
            // The name of nobody, where all that was allowed is gone.
            List<String> names = allowed.isEmpty() ? List.of(AccountId.PREFIX) : allowed;
            terms.add(new Term.Names(Attribute.OWNER, true, names));
        }
        if (!blocked.isEmpty()) {
            terms.add(new Term.Names(Attribute.OWNER, false, blocked));
        }
        return new Query(terms);
    }

    /// What of the market is left for a demand.
    Demand limit(Demand demand) {
        return demand.and(Terms.constraints(terms));
    }
}
