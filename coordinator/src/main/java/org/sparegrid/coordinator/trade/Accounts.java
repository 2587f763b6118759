// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.sparegrid.coordinator.identity.CertificateRequestException;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.identity.Issued;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.store.AccountTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.JoinToken;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.Enrolment;
import org.sparegrid.protocol.api.EnrolmentRequest;
import org.sparegrid.protocol.api.NewJoinToken;
import org.sparegrid.protocol.api.Registration;
import org.sparegrid.protocol.api.Session;

/// People, and the computers that sell for them.
public final class Accounts {
    private static final System.Logger LOGGER = System.getLogger(Accounts.class.getName());

    private static final Duration JOIN_TOKEN_LIFETIME = Duration.ofHours(24);
    private static final Duration LOGIN_LIFETIME = Duration.ofDays(30);

    private final Exchange exchange;
    private final Identity identity;
    private final String unknownAccount;

    public Accounts(Exchange exchange, Identity identity) {
        this.exchange = exchange;
        this.identity = identity;
        this.unknownAccount = identity.hashPassword("nobody has this password");
    }

    /// Opens an account.
    public Session register(Registration registration) {
        String email = email(registration);
        String password = registration.password();
        if (password.length() < 10 || password.length() > 200) {
            throw new RefusedException(Reason.INVALID, "password: expected 10 to 200 characters");
        }
        String hash = identity.hashPassword(password);
        AccountId id =
                exchange.change((tx, _, now) -> {
                    if (tx.accounts().findByEmail(email).isPresent()) {
                        throw new RefusedException(
                                Reason.CONFLICT, "this address has an account; log in");
                    }
                    AccountId made = exchange.draw(AccountId.PREFIX, AccountId::new);
                    tx.accounts().insert(new AccountTable.Row(made, email, hash, "", now));
                    tx.audit().add(made.value(), "account-opened", made.value(), email, now);
                    return made;
                });
        LOGGER.log(System.Logger.Level.INFO, () -> "account opened buyer=" + id);
        return begin(id);
    }

    /// Begins a session.
    public Session login(Registration registration) {
        Optional<AccountTable.Row> row =
                exchange.read(tx -> tx.accounts().findByEmail(email(registration)));
        // An unknown address costs as much time as a known one.
        boolean right =
                identity.checkPassword(
                        registration.password(),
                        row.map(AccountTable.Row::password).orElse(unknownAccount));
        if (row.isEmpty() || !right) {
            throw new RefusedException(
                    Reason.UNAUTHENTICATED, "the address or the password is wrong");
        }
        AccountId account = row.get().id();
        exchange.read(tx -> tx.frozen().reason(account))
                .ifPresent(reason -> {
                    throw new RefusedException(
                            Reason.UNAUTHENTICATED, "the operator froze this account: " + reason);
                });
        return begin(account);
    }

    /// Ends a session.
    public void logout(String token) {
        if (token.startsWith(ApiKey.TOKEN_PREFIX)) {
            throw new RefusedException(
                    Reason.FORBIDDEN, "a key is no session; its owner can revoke it");
        }
        exchange.change((tx, _, _) -> {
            tx.accounts().deleteLogin(Identity.digest(token));
            return true;
        });
    }

    /// Who shows that token, if it is a valid session's.
    Optional<Caller.Holder> authenticate(String token) {
        return exchange.read(tx -> tx.accounts().findLogin(Identity.digest(token), exchange.now()))
                .map(Caller.Person::new);
    }

    /// The account.
    public Account get(AccountId id) {
        AccountTable.Row row = exchange.read(tx -> tx.accounts().find(id).orElseThrow());
        return new Account(row.id(), row.email(), row.imageKey(), row.created());
    }

    /// Sets the key that signs the account's images.
    public Account setImageKey(AccountId id, String publicKey) {
        if (!Networks.isKey(publicKey)) {
            throw new RefusedException(Reason.INVALID, "publicKey: expected 32 bytes in base64");
        }
        exchange.change((tx, _, now) -> {
            tx.accounts().setImageKey(id, publicKey);
            tx.audit().add(id.value(), "image-key-set", id.value(), publicKey, now);
            return true;
        });
        return get(id);
    }

    /// A token with which one computer joins.
    public NewJoinToken joinToken(AccountId account) {
        String secret = identity.newToken();
        Instant expires = exchange.now().plus(JOIN_TOKEN_LIFETIME);
        exchange.change((tx, _, now) -> {
            tx.accounts().insertJoinToken(Identity.digest(secret), account, expires);
            tx.audit().add(account.value(), "join-token-made", account.value(), "", now);
            return true;
        });
        JoinToken token =
                new JoinToken(
                        URI.create(exchange.settings().address()),
                        identity.authorityFingerprint(),
                        secret);
        return new NewJoinToken(token.text(), expires);
    }

    /// Lets a computer sell.
    public Enrolment enrol(EnrolmentRequest request) {
        Issued issued;
        try {
            issued = identity.issue(request.certificateRequest());
        } catch (CertificateRequestException refused) {
            throw new RefusedException(Reason.INVALID, String.valueOf(refused.getMessage()));
        }
        SellerId seller = issued.seller();
        AccountId account =
                exchange.change((tx, _, now) -> {
                    AccountId owner =
                            tx.accounts()
                                    .useJoinToken(Identity.digest(request.secret()), seller, now)
                                    .orElseThrow(() ->
                                            new RefusedException(
                                                    Reason.UNAUTHENTICATED,
                                                    "the join token is unknown,"
                                                            + " used or too old; make a"
                                                            + " new one"));
                    tx.sellers().enrol(seller, owner, now);
                    if (!tx.sellers().owner(seller).equals(Optional.of(owner))) {
                        throw new RefusedException(
                                Reason.CONFLICT, "this computer sells for another account");
                    }
                    tx.audit().add(owner.value(), "seller-enrolled", seller.value(), "", now);
                    return owner;
                });
        LOGGER.log(
                System.Logger.Level.INFO,
                () -> "seller enrolled seller=" + seller + " account=" + account);
        return new Enrolment(seller, issued.certificatePem(), issued.authorityPem());
    }

    /// Whether a certificate's key belongs to a seller's computer that may sell.
    public boolean isSeller(SellerId seller) {
        return exchange.read(tx -> tx.sellers().owner(seller).isPresent());
    }

    private Session begin(AccountId account) {
        String token = "sgt_" + identity.newToken();
        Instant now = exchange.now();
        Instant expires = now.plus(LOGIN_LIFETIME);
        exchange.change((tx, _, _) -> {
            tx.accounts().insertLogin(Identity.digest(token), account, now, expires);
            tx.audit().add(account.value(), "session-begun", account.value(), "", now);
            return true;
        });
        return new Session(account, token, expires);
    }

    private static String email(Registration registration) {
        String email = registration.email().strip().toLowerCase(Locale.ROOT);
        if (email.length() > 254 || !email.matches("[^@\\s\\p{Cntrl}]+@[^@\\s\\p{Cntrl}]+")) {
            throw new RefusedException(Reason.INVALID, "email: expected NAME@HOST");
        }
        return email;
    }
}
