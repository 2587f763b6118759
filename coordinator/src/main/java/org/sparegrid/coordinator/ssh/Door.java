// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.ssh;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.PublicKey;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.io.IoAcceptor;
import org.apache.sshd.common.io.IoServiceEventListener;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.session.SessionListener;
import org.apache.sshd.server.auth.pubkey.PublickeyAuthenticator;
import org.apache.sshd.server.session.ServerSession;
import org.jspecify.annotations.Nullable;
import org.sparegrid.coordinator.limit.RateLimit;
import org.sparegrid.coordinator.metric.Metrics;
import org.sparegrid.coordinator.operation.SshAccess;
import org.sparegrid.protocol.AccountId;

/// Lets those in whose key an account has, and keeps strangers few and slow.
final class Door implements PublickeyAuthenticator, IoServiceEventListener, SessionListener {
    /// Connections in all; each has buffers of some hundred kilobytes.
    private static final int CONNECTIONS_MAX = 500;

    /// Connections of one address that have not logged in.
    private static final int STRANGERS_MAX = 10;

    /// Connections of one account; eight of them may have a console.
    private static final int OF_ACCOUNT_MAX = 16;

    /// New connections of one address, as with passwords.
    private static final int AT_ONCE = 20;

    private static final int PER_MINUTE = 30;

    /// Logins that fail and are written down, of all addresses together: strangers must not fill
    /// the database. The figure counts them all.
    private static final int NOTED_PER_MINUTE = 60;

    private static final AttributeKey<String> USER = new AttributeKey<>();
    private static final AttributeKey<String> KEY = new AttributeKey<>();
    private static final AttributeKey<List<AccountId>> ACCOUNTS = new AttributeKey<>();

    private final SshAccess access;
    private final RateLimit arrivals = new RateLimit(AT_ONCE, PER_MINUTE);
    private final RateLimit notes = new RateLimit(NOTED_PER_MINUTE, NOTED_PER_MINUTE);
    private final Map<Session, String> strangers = new ConcurrentHashMap<>();
    private final Map<Session, AccountId> guests = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();

    Door(SshAccess access, Metrics metrics) {
        this.access = access;
        metrics.counter(
                "sparegrid.ssh.refused",
                "SSH connections, logins and requests that were refused.",
                refused::sum);
    }

    @Override
    public void connectionAccepted(
            IoAcceptor acceptor,
            @Nullable SocketAddress local,
            @Nullable SocketAddress remote,
            @Nullable SocketAddress service)
            throws IOException {
        String address = text(remote);
        long waiting = strangers.values().stream().filter(address::equals).count();
        if (strangers.size() + guests.size() >= CONNECTIONS_MAX
                || waiting >= STRANGERS_MAX
                || arrivals.waitSeconds(address, System.nanoTime()) > 0) {
            refused.increment();
            throw new IOException("too many connections of " + address);
        }
    }

    @Override
    public void sessionCreated(Session session) {
        strangers.put(session, address(session));
    }

    @Override
    public void sessionEvent(Session session, Event event) {
        if (event == Event.Authenticated) {
            AccountId account = accounts(session).getFirst();
            strangers.remove(session);
            guests.put(session, account);
            if (Collections.frequency(guests.values(), account) > OF_ACCOUNT_MAX) {
                refused(session, "more than " + OF_ACCOUNT_MAX + " connections");
                session.close(false);
            }
        }
    }

    @Override
    public void sessionClosed(Session session) {
        guests.remove(session);
        String address = strangers.remove(session);
        String key = session.getAttribute(KEY);
        if (address == null || key == null) {
            return;
        }
        refused.increment();
        if (notes.waitSeconds("", System.nanoTime()) == 0) {
            access.note("address " + address, "ssh-login-refused", key, "for " + user(session));
        }
    }

    /// Whether some account has that key. It is called again with the proof that the client has the
    /// other half, so that what is kept here is of the key that was proven.
    @Override
    public boolean authenticate(String user, PublicKey key, ServerSession session) {
        String fingerprint = KeyUtils.getFingerPrint(key);
        List<AccountId> accounts = access.whose(fingerprint);
        session.setAttribute(USER, plain(user, 64));
        session.setAttribute(KEY, fingerprint);
        session.setAttribute(ACCOUNTS, accounts);
        return !accounts.isEmpty();
    }

    /// The accounts for which the client's key was good as it came in.
    List<AccountId> accounts(Session session) {
        List<AccountId> accounts = session.getAttribute(ACCOUNTS);
        return accounts == null ? List.of() : accounts;
    }

    /// Whether the client's key is still good for the account.
    boolean isOpen(Session session, AccountId account) {
        String key = session.getAttribute(KEY);
        return key != null && access.whose(key).contains(account);
    }

    /// Notes that a client who is in was not given something.
    void refused(Session session, String what) {
        refused.increment();
        String actor =
                accounts(session).stream()
                        .findFirst()
                        .map(AccountId::value)
                        .orElse("address " + address(session));
        access.note(actor, "ssh-refused", user(session), plain(what, 300) + origin(session));
    }

    /// Notes what a client who is in was given.
    void note(Session session, AccountId account, String action, String subject) {
        access.note(account.value(), action, subject, origin(session).strip());
    }

    private static String origin(Session session) {
        return " from " + address(session) + " by " + session.getAttribute(KEY);
    }

    private static String user(Session session) {
        String user = session.getAttribute(USER);
        return user == null ? "" : user;
    }

    /// Text of a stranger, so that it can stand in a log.
    static String plain(String text, int lengthMax) {
        String cut = text.length() > lengthMax ? text.substring(0, lengthMax) : text;
        return cut.replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String address(Session session) {
        return text(session.getRemoteAddress());
    }

    private static String text(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress known && known.getAddress() != null
                ? known.getAddress().getHostAddress()
                : "unknown";
    }
}
