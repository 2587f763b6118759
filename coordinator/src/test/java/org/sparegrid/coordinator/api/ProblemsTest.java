// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.ext.web.handler.HttpException;
import io.vertx.openapi.validation.ValidatorErrorType;
import io.vertx.openapi.validation.ValidatorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sparegrid.coordinator.operation.RefusedException;
import org.sparegrid.protocol.api.Problem;
import org.sparegrid.protocol.json.Format;
import org.sparegrid.protocol.json.MessageFormatException;

class ProblemsTest {
    @Test
    void saysWhatIsWrongWithARequestThatBreaksTheContract() throws MessageFormatException {
        var wrong = new ValidatorException("no password", ValidatorErrorType.INVALID_VALUE);
        for (Throwable failure : new Throwable[] {wrong, new HttpException(400, wrong)}) {
            Answer answer = Problems.ofStatus(400, failure);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(problem(answer).type()).isEqualTo(Problem.TYPE_PREFIX + "invalid");
            assertThat(problem(answer).detail()).isEqualTo("no password");
        }
    }

    @ParameterizedTest
    @CsvSource({"400, invalid", "404, not-found", "413, too-large", "415, invalid"})
    void namesWhatTheRouterDecidedOn(int status, String name) throws MessageFormatException {
        Answer answer = Problems.ofStatus(status, new HttpException(status));
        assertThat(problem(answer).type()).isEqualTo(Problem.TYPE_PREFIX + name);
    }

    @Test
    void tellsTheReasonOfARefusal() throws MessageFormatException {
        var refused = new RefusedException(RefusedException.Reason.FUNDS, "deposit more");
        Answer answer = Problems.of(refused);
        assertThat(answer.status()).isEqualTo(402);
        assertThat(problem(answer).detail()).isEqualTo("deposit more");
    }

    @Test
    void tellsNothingOfWhatFailedInside() throws MessageFormatException {
        Answer answer = Problems.of(new IllegalStateException("the secret path"));
        assertThat(answer.status()).isEqualTo(500);
        assertThat(problem(answer).type()).isEqualTo(Problem.TYPE_PREFIX + "internal");
        assertThat(problem(answer).detail()).doesNotContain("secret");
    }

    private static Problem problem(Answer answer) throws MessageFormatException {
        return Format.JSON.read(answer.body(), Problem.class);
    }
}
