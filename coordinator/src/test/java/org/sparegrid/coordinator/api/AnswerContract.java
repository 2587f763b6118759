// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.coordinator.api;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/// Holds answers of the coordinator against openapi.yaml: what it says of the answer to that
/// operation with that status, down to each field of the body.
public final class AnswerContract {
    private static final AnswerContract ONLY = new AnswerContract();

    private final OpenAPIContract contract;
    private final ResponseValidator validator;

    private AnswerContract() {
        Vertx vertx = Vertx.vertx();
        contract =
                OpenAPIContract.from(vertx, "openapi.yaml")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
        validator = ResponseValidator.create(vertx, contract);
    }

    /// The identifiers of all operations.
    public static Set<String> operations() {
        return ONLY.contract.operations().stream()
                .map(Operation::getOperationId)
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Checks what was answered to a request.
    ///
    /// @throws AssertionError if it is not what openapi.yaml says
    public static void check(String method, String path, int status, String type, byte[] body) {
        Operation operation = ONLY.contract.findOperation(path, HttpMethod.valueOf(method));
        boolean listed =
                operation != null
                        && operation
                                .getOpenAPIModel()
                                .getJsonObject("responses")
                                .containsKey("" + status);
        if (!listed) {
            // Refusals are Problems, which the tests read; other paths are none of the contract.
            return;
        }
        ValidatableResponse answer =
                body.length == 0
                        ? ValidatableResponse.create(status)
                        : ValidatableResponse.create(status, Map.of(), Buffer.buffer(body), type);
        try {
            ONLY.validator
                    .validate(answer, operation.getOperationId())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException fault) {
            Throwable cause = fault.getCause();
            throw new AssertionError(
                    operation.getOperationId() + " " + status + ": " + cause.getMessage(), cause);
        }
    }
}
