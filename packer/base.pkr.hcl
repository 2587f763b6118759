# SPDX-License-Identifier: Apache-2.0
# Builds the base live CD with Packer; the recipe is build-base-iso beside this file.
# Works with the Packer of Debian 12 (1.6.6): null and shell-local are built in.

packer {
  required_version = ">= 1.6.6"
}

variable "output" {
  type    = string
  default = "sparegrid-base.iso"
}

# Where Debian's packages come from; empty: the machine's own apt sources.
variable "mirror" {
  type    = string
  default = ""
}

variable "kernel" {
  type    = string
  default = "cloud"
}

source "null" "base" {
  communicator = "none"
}

build {
  sources = ["source.null.base"]

  provisioner "shell-local" {
    environment_vars = ["SPAREGRID_DEBIAN_MIRROR=${var.mirror}"]
    inline           = ["'${path.root}/build-base-iso' --kernel '${var.kernel}' '${var.output}'"]
  }

  post-processors {
    post-processor "artifice" {
      files = [var.output]
    }
    post-processor "checksum" {
      checksum_types = ["sha256"]
      output         = "${var.output}.{{.ChecksumType}}"
    }
  }
}
