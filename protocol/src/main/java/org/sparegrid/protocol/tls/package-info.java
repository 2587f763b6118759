// SPDX-License-Identifier: Apache-2.0
/// How clients know the coordinator: by the fingerprint of its own authority.
package org.sparegrid.protocol.tls;
