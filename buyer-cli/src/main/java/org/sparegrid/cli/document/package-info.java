// SPDX-License-Identifier: Apache-2.0
/// Papers: statements and invoices as PDF.
@NullMarked
package org.sparegrid.cli.document;

import org.jspecify.annotations.NullMarked;
