// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.coordinator.operation.Caller;
import org.sparegrid.coordinator.operation.Keys;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.operation.SshAccess;
import org.sparegrid.coordinator.store.KeyTable;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.KeyId;
import org.sparegrid.protocol.api.ApiKey;

/// Secrets with which programs act for an account.
final class ApiKeys implements Keys {
    private static final System.Logger LOGGER = System.getLogger(ApiKeys.class.getName());

    /// Live keys of one account; a person can't keep track of more.
    private static final int LIVE_MAX = 100;

    /// Keys in one list.
    private static final int LIST_MAX = 200;

    private final Exchange exchange;
    private final Identity identity;
    private final SshDoor ssh;

    ApiKeys(Exchange exchange, Identity identity) {
        this.exchange = exchange;
        this.identity = identity;
        this.ssh = new SshDoor(exchange);
    }

    /// Who shows that token, if it is a key's that can be used.
    Optional<Caller.Holder> holder(String token) {
        return exchange.read(tx -> tx.keys().findLive(Identity.digest(token), exchange.now()))
                .map(row ->
                        new Caller.Program(
                                row.account(), row.key().id(), EnumSet.copyOf(row.key().scopes())));
    }

    @Override
    public ApiKey.Made make(AccountId account, ApiKey.Request request) {
        String token = ApiKey.TOKEN_PREFIX + identity.newToken();
        List<ApiKey.Scope> scopes = request.scopes().stream().sorted().toList();
        ApiKey made =
                exchange.change((tx, _, now) -> {
                    if (tx.keys().countLive(account, now) >= LIVE_MAX) {
                        throw new RefusedException(
                                Reason.CONFLICT,
                                "an account has at most " + LIVE_MAX + " live keys; revoke one");
                    }
                    ApiKey key =
                            new ApiKey(
                                    exchange.draw(KeyId.PREFIX, KeyId::new),
                                    request.name(),
                                    scopes,
                                    request.spendMax(),
                                    Credits.ZERO,
                                    now,
                                    now.plus(Duration.ofDays(request.days())),
                                    ApiKey.State.LIVE);
                    tx.keys().insert(Identity.digest(token), new KeyTable.Row(account, key));
                    String what = scopes + " spend-max=" + key.spendMax();
                    tx.audit().add(account.value(), "key-made", key.id().value(), what, now);
                    return tx.keys().find(account, key.id(), now).orElseThrow();
                });
        LOGGER.log(
                System.Logger.Level.INFO, () -> "key made key=" + made.id() + " buyer=" + account);
        return new ApiKey.Made(made, token);
    }

    @Override
    public SshAccess ssh() {
        return ssh;
    }

    @Override
    public ApiKey.Page list(AccountId account) {
        return exchange.read(
                tx -> new ApiKey.Page(tx.keys().of(account, LIST_MAX, exchange.now())));
    }

    @Override
    public ApiKey revoke(AccountId account, KeyId id) {
        return exchange.change((tx, _, now) -> {
            ApiKey key =
                    tx.keys()
                            .find(account, id, now)
                            .orElseThrow(() -> RefusedException.notFound("key " + id));
            if (key.state() != ApiKey.State.REVOKED) {
                tx.keys().revoke(id);
                tx.audit().add(account.value(), "key-revoked", id.value(), key.name(), now);
            }
            return tx.keys().find(account, id, now).orElseThrow();
        });
    }
}
