// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.sparegrid.coordinator.operation.Operations;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.coordinator.operation.RefusedException.Reason;
import org.sparegrid.coordinator.session.AgentLine;
import org.sparegrid.coordinator.session.PolledCarrier;
import org.sparegrid.coordinator.session.SessionException;
import org.sparegrid.protocol.ProtocolVersion;
import org.sparegrid.protocol.SellerId;
import org.sparegrid.protocol.control.AgentFrame;
import org.sparegrid.protocol.control.AgentPoll;
import org.sparegrid.protocol.control.CoordinatorFrame;
import org.sparegrid.protocol.json.MessageFormatException;
import org.sparegrid.protocol.json.PollBody;

/// One poll of an agent: its line is opened by it, or what it says is taken.
final class PollSession {
    private static final Logger LOG = System.getLogger(PollSession.class.getName());

    private final Place place;
    private final SellerId seller;
    private final PollReply reply;

    /// What all polls share.
    ///
    /// @param lines the sessions, whatever carries them
    record Place(
            Operations operations,
            Vertx vertx,
            Duration heartbeat,
            Function<SellerId, AgentLine> lines) {}

    PollSession(Place place, SellerId seller, PollReply reply) {
        this.place = place;
        this.seller = seller;
        this.reply = reply;
    }

    /// Does what the poll says and answers it, or has it held; this may wait.
    void process(byte[] body, String address) {
        try {
            PollBody<AgentPoll, AgentFrame> poll =
                    PollBody.parse(body, AgentPoll.class, AgentFrame.class);
            reply.about(poll.head().line());
            boolean greets =
                    !poll.frames().isEmpty()
                            && poll.frames().getFirst() instanceof AgentFrame.Hello;
            if ((poll.head().line() == 0 || greets) && !place.operations().isEnrolled(seller)) {
                refuse("this computer is not enrolled as a seller; join again");
            } else if (poll.head().line() == 0) {
                offer(poll);
            } else if (greets) {
                greet(poll, address);
            } else {
                take(poll, address);
            }
        } catch (MessageFormatException malformed) {
            reply.fail(malformed);
        } catch (RuntimeException failure) {
            reply.fail(failure);
        }
    }

    private void refuse(String why) {
        reply.say(List.of(new CoordinatorFrame.Refused(why)), 0);
    }

    private void offer(PollBody<AgentPoll, AgentFrame> poll) throws MessageFormatException {
        if (!poll.frames().isEmpty()) {
            throw new RefusedException(
                    Reason.INVALID, "session: expected no frames without a line");
        }
        reply.about(place.lines().apply(seller).offer(PollSession::random));
        reply.say(List.of(), 0);
    }

    private static long random() {
        return ThreadLocalRandom.current().nextLong();
    }

    private void greet(PollBody<AgentPoll, AgentFrame> poll, String address) {
        AgentFrame.Hello hello = (AgentFrame.Hello) poll.frames().getFirst();
        if (poll.frames().size() > 1) {
            throw new RefusedException(Reason.INVALID, "session: expected nothing after Hello");
        }
        if (hello.version() != ProtocolVersion.AGENT_SESSION) {
            refuse(AgentConnection.otherVersion(hello));
            return;
        }
        Optional<PolledCarrier.Opened> opened =
                PolledCarrier.open(
                        place.lines().apply(seller),
                        poll.head().line(),
                        hello,
                        address,
                        System.nanoTime());
        if (opened.isEmpty()) {
            reply.over();
            return;
        }
        PolledCarrier carrier = opened.get().carrier();
        if (opened.get().fresh()) {
            begin(carrier);
        }
        AgentLine.Opening opening = carrier.opening();
        reply.say(
                List.of(
                        new CoordinatorFrame.Welcome(
                                opening.session(),
                                opening.resumed(),
                                opening.received(),
                                (int) Math.max(1, place.heartbeat().toSeconds()))),
                0);
    }

    private void begin(PolledCarrier carrier) {
        carrier.opening().replaced().ifPresent(AgentLine.Carrier::replaced);
        long silenceNanosMax =
                place.heartbeat().multipliedBy(AgentConnection.SILENCE_HEARTBEATS).toNanos();
        place.vertx()
                .setPeriodic(
                        place.heartbeat().toMillis(),
                        timer -> {
                            if (carrier.isOver()) {
                                place.vertx().cancelTimer(timer);
                            } else if (carrier.isDead(System.nanoTime(), silenceNanosMax)) {
                                place.vertx().cancelTimer(timer);
                                Thread.startVirtualThread(
                                        () -> end(carrier, "silent for too long"));
                            }
                        });
        LOG.log(
                Level.INFO,
                () ->
                        "agent session open seller="
                                + seller
                                + " resumed="
                                + carrier.opening().resumed()
                                + " polled=true");
        place.operations().connected(seller, carrier);
    }

    private void end(PolledCarrier carrier, String why) {
        LOG.log(Level.DEBUG, () -> "agent stopped polling seller=" + seller + " cause=" + why);
        if (carrier.end()) {
            place.operations().disconnected(seller, carrier);
        }
    }

    private void take(PollBody<AgentPoll, AgentFrame> poll, String address) {
        Optional<PolledCarrier> open = place.lines().apply(seller).polled(poll.head().line());
        if (open.isEmpty()) {
            reply.over();
            return;
        }
        PolledCarrier carrier = open.get();
        long now = System.nanoTime();
        carrier.roundTrip(poll.head().echo(), now)
                .ifPresent(nanos -> place.operations().measured(seller, (int) (nanos / 1000)));
        try {
            boolean held =
                    carrier.polled(
                            poll,
                            address,
                            now,
                            message -> place.operations().received(seller, message.body()),
                            PollSession::random,
                            reply);
            if (held) {
                hold(carrier, poll.head().holdMillis());
            }
            if (poll.head().leaving()) {
                end(carrier, "the agent goes away");
            }
        } catch (SessionException malformed) {
            end(carrier, String.valueOf(malformed.getMessage()));
            reply.fail(
                    new RefusedException(Reason.INVALID, String.valueOf(malformed.getMessage())));
        } catch (RefusedException refused) {
            end(carrier, String.valueOf(refused.getMessage()));
            refuse(String.valueOf(refused.getMessage()));
        } catch (RuntimeException failure) {
            end(carrier, "the coordinator failed");
            reply.fail(failure);
        }
    }

    /// For no longer than an agent may be silent without harm.
    private void hold(PolledCarrier carrier, int holdMillis) {
        reply.hold(
                Math.min(holdMillis, place.heartbeat().toMillis()),
                () -> carrier.expire(reply, System.nanoTime(), PollSession::random),
                () -> carrier.forget(reply));
    }
}
