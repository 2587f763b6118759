// SPDX-License-Identifier: Apache-2.0
package org.sparegrid.imagetools.manifest;

/// What an image is to the machine that starts from it.
public enum Medium {
    /// A CD, which is read only.
    CD,
    /// A disk. Each machine has its own copy, which grows on its scratch disk as it is changed.
    DISK
}
