# SPDX-License-Identifier: Apache-2.0
# Builds the seller appliance with Packer; the recipe is build-seller-appliance beside this file.
# Works with the Packer of Debian 12 (1.6.6): null and shell-local are built in.

packer {
  required_version = ">= 1.6.6"
}

variable "output" {
  type    = string
  default = "sparegrid-seller.img"
}

# Where Debian's packages come from; empty: the machine's own apt sources.
variable "mirror" {
  type    = string
  default = ""
}

variable "kernel" {
  type    = string
  default = "generic"
}

source "null" "seller" {
  communicator = "none"
}

build {
  sources = ["source.null.seller"]

  provisioner "shell-local" {
    environment_vars = ["SPAREGRID_DEBIAN_MIRROR=${var.mirror}"]
    inline           = ["'${path.root}/build-seller-appliance' --kernel '${var.kernel}' '${var.output}'"]
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
