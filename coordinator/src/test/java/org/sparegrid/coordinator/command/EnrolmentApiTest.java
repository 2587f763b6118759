// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.KeyManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.coordinator.identity.Identity;
import org.sparegrid.protocol.api.EnrolmentRequest;
import org.sparegrid.protocol.api.NewJoinToken;
import org.sparegrid.protocol.control.CoordinatorFrame;

/// How sellers' computers are admitted to the coordinator, over TLS.
class EnrolmentApiTest {
    @TempDir Path folder;

    private Trial trial;
    private Trial.Person alice;

    @BeforeEach
    void start() throws Exception {
        trial = new Trial(folder);
        alice = trial.person("alice");
    }

    @AfterEach
    void stop() throws Exception {
        trial.close();
        assertThat(trial.faults()).isEmpty();
    }

    @Test
    void admitsOnlyComputersThatItEnrolled() throws Exception {
        String chunk = "/v1/chunks/" + "0".repeat(64);
        Keys keys = new Keys();
        InstantSource now = InstantSource.system();
        Identity ours = Identity.open(folder.resolve("identity"), now);
        Identity foreign = Identity.open(folder.resolve("foreign"), now);
        Identity past =
                Identity.open(
                        folder.resolve("identity"),
                        () -> now.instant().minus(Identity.AGENT_LIFETIME).minusSeconds(3600));

        HttpClient unknown =
                trial.client(keys.present(ours.issue(keys.request()).certificatePem()));
        trial.fetch(unknown, chunk).problem("unauthenticated", 401);
        unknown.close();
        for (Identity other : List.of(foreign, past)) {
            KeyManager presented = keys.present(other.issue(keys.request()).certificatePem());
            try (HttpClient client = trial.client(presented)) {
                assertThatThrownBy(() -> trial.fetch(client, chunk))
                        .isInstanceOf(IOException.class);
            }
        }
        trial.anonymous("/v1/agents", new EnrolmentRequest("A".repeat(43), keys.request()))
                .problem("unauthenticated", 401);
        String token = alice.post("/v1/join-tokens").as(NewJoinToken.class, 201).token();
        String secret = org.sparegrid.protocol.JoinToken.parse(token).secret();
        trial.anonymous("/v1/agents", new EnrolmentRequest(secret, "no request"))
                .problem("invalid", 400);
    }

    @Test
    void usesAJoinTokenOnce() throws Exception {
        String token = alice.post("/v1/join-tokens").as(NewJoinToken.class, 201).token();
        String secret = org.sparegrid.protocol.JoinToken.parse(token).secret();
        List<Future<Trial.Reply>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                EnrolmentRequest request = new EnrolmentRequest(secret, new Keys().request());
                answers.add(threads.submit(() -> trial.anonymous("/v1/agents", request)));
            }
        }
        List<Integer> statuses = new ArrayList<>();
        for (Future<Trial.Reply> answer : answers) {
            statuses.add(answer.get().status());
        }
        assertThat(statuses).containsOnlyOnce(201).containsOnly(201, 401);
    }

    @Test
    void refusesSessionsOfComputersThatAreNotEnrolled() throws Exception {
        Keys keys = new Keys();
        Identity ours = Identity.open(folder.resolve("identity"), InstantSource.system());
        KeyManager known = keys.present(ours.issue(keys.request()).certificatePem());
        try (FakeAgent stranger = FakeAgent.unenrolled(trial, known)) {
            assertThat(stranger.connect())
                    .isInstanceOfSatisfying(
                            CoordinatorFrame.Refused.class,
                            refused -> assertThat(refused.why()).contains("not enrolled"));
        }
        try (FakeAgent nobody = FakeAgent.unenrolled(trial)) {
            assertThat(nobody.connect())
                    .isInstanceOfSatisfying(
                            CoordinatorFrame.Refused.class,
                            refused -> assertThat(refused.why()).contains("certificate"));
        }
    }
}
