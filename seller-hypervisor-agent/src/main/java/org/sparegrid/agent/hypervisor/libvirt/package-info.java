// SPDX-License-Identifier: Apache-2.0

/// Guests through an own, confined libvirtd; the only package that knows libvirt.
@NullMarked
package org.sparegrid.agent.hypervisor.libvirt;

import org.jspecify.annotations.NullMarked;
