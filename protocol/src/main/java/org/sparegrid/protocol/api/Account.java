// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.protocol.api;

import java.time.Instant;
import org.sparegrid.protocol.AccountId;

/// Who is asking.
///
/// @param id the account
/// @param email its address
/// @param imageKey the Ed25519 key that signs its images, 32 bytes in base64, or empty
/// @param created when it was opened
public record Account(AccountId id, String email, String imageKey, Instant created) {}
