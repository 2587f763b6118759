// SPDX-License-Identifier: Apache-2.0
/// Random properties and test tags, shared by the tests of every module.
@NullMarked
package org.sparegrid.testsupport;

import org.jspecify.annotations.NullMarked;
