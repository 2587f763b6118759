// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.trade;

import java.util.List;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.operation.SshAccess;
import org.sparegrid.protocol.AccountId;
import org.sparegrid.protocol.api.SshKey;

/// Who may use the SSH gateway.
final class SshDoor implements SshAccess {
    /// Keys of one account; a person can't keep track of more.
    private static final int KEYS_MAX = 50;

    private final Exchange exchange;
    private volatile Place place = new Place("", "");

    private record Place(String gateway, String hostKey) {}

    SshDoor(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public SshKey add(AccountId account, SshKey.Request request) {
        return exchange.change((tx, _, now) -> {
            SshKey key = new SshKey(request.fingerprint(), request.type(), request.name(), now);
            tx.sshKeys().put(account, key);
            List<SshKey> all = tx.sshKeys().of(account);
            if (all.size() > KEYS_MAX) {
                throw new RefusedException(
                        Reason.CONFLICT, "an account has at most " + KEYS_MAX + " SSH keys");
            }
            tx.audit()
                    .add(
                            account.value(),
                            "ssh-key-added",
                            key.fingerprint(),
                            key.type() + " " + key.name(),
                            now);
            return all.stream()
                    .filter(each -> each.fingerprint().equals(key.fingerprint()))
                    .findAny()
                    .orElseThrow();
        });
    }

    @Override
    public SshKey.Page list(AccountId account) {
        Place now = place;
        return exchange.read(
                tx -> new SshKey.Page(tx.sshKeys().of(account), now.gateway, now.hostKey));
    }

    @Override
    public void remove(AccountId account, String fingerprint) {
        exchange.change((tx, _, now) -> {
            if (!tx.sshKeys().delete(account, fingerprint)) {
                throw RefusedException.notFound("SSH key " + fingerprint);
            }
            tx.audit().add(account.value(), "ssh-key-removed", fingerprint, "", now);
            return true;
        });
    }

    @Override
    public List<AccountId> whose(String fingerprint) {
        return exchange.read(tx -> tx.sshKeys().accounts(fingerprint));
    }

    @Override
    public void note(String actor, String action, String subject, String detail) {
        exchange.change((tx, _, now) -> {
            tx.audit().add(actor, action, subject, detail, now);
            return true;
        });
    }

    @Override
    public void opened(String gateway, String hostKey) {
        place = new Place(gateway, hostKey);
    }
}
