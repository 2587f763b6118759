// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sparegrid.protocol.Credits;
import org.sparegrid.protocol.api.Account;
import org.sparegrid.protocol.api.ApiKey;
import org.sparegrid.protocol.api.ApiKey.Scope;

/// Accounts, keys and addresses that ask too often, over the wire.
class ThrottleApiTest {
    private static final int AT_ONCE = 25;
    private static final int TIMES_MAX = 20;

    @TempDir Path folder;

    /// Asks at full speed until something is refused; on a slow computer that may take a while.
    private static List<Trial.Reply> many(Trial.Person person) throws Exception {
        List<Trial.Reply> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int times = 0; times < TIMES_MAX && refused(answers) == 0; times++) {
                List<Future<Trial.Reply>> asked = new ArrayList<>();
                for (int i = 0; i < AT_ONCE; i++) {
                    asked.add(threads.submit(() -> person.get("/v1/account")));
                }
                for (Future<Trial.Reply> answer : asked) {
                    answers.add(answer.get());
                }
            }
        }
        return answers;
    }

    private static long refused(List<Trial.Reply> answers) {
        return answers.stream().filter(answer -> answer.status() == 429).count();
    }

    @Test
    void refusesAnAccountsTooManyRequestsAndNobodyElses() throws Exception {
        try (Trial trial = new Trial(folder, "account-requests = \"2/s\"")) {
            Trial.Person alice = trial.person("alice");
            ApiKey.Made key =
                    alice.post(
                                    "/v1/keys",
                                    new ApiKey.Request(
                                            "robot", List.of(Scope.READ), Credits.ZERO, 30))
                            .as(ApiKey.Made.class, 201);

            List<Trial.Reply> ofKey = many(trial.program(alice, key));
            // The key has used up its half; its owner has the other one.
            alice.get("/v1/account").as(Account.class, 200);
            assertThat(refused(ofKey)).isPositive();
            Trial.Reply limited =
                    ofKey.stream().filter(answer -> answer.status() == 429).findAny().orElseThrow();
            assertThat(limited.problem("rate-limited", 429).detail())
                    .matches("too many requests with the key key-[a-z2-7]{12}; try again in 1 s");
            assertThat(limited.retryAfter()).isEqualTo("1");

            List<Trial.Reply> ofAccount = many(alice);
            assertThat(refused(ofAccount)).isPositive();
            trial.person("bob").get("/v1/account").as(Account.class, 200);
            String figures =
                    trial.send(
                                    trial.request("/metrics")
                                            .header("Authorization", "Bearer 0123456789-of-trials")
                                            .GET())
                            .text();
            assertThat(figures)
                    .contains(
                            "sparegrid_requests_limited_total "
                                    + (double) (refused(ofKey) + refused(ofAccount)));
        }
    }

    @Test
    void refusesAnAddressTooManyRequests() throws Exception {
        try (Trial trial = new Trial(folder, "address-requests = \"1/s\"")) {
            Trial.Person alice = trial.person("alice");
            List<Trial.Reply> answers = many(alice);
            assertThat(refused(answers)).isPositive();
            Trial.await(() -> alice.get("/v1/account"), answer -> answer.status() == 200);
        }
    }
}
