#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rebuilds self-test.zlib.base64 from self-test.c and self-test.asm; needs gcc, nasm and python3.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
nasm -f elf32 -o "$WORK/start.o" self-test.asm
gcc -m32 -march=i686 -Os -Wall -Wextra -Werror -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables \
  -fno-tree-loop-distribute-patterns -mno-sse -c -o "$WORK/run.o" self-test.c
ld -m elf_i386 -N -e start -Ttext 0x7C00 --oformat binary -o "$WORK/guest" "$WORK/start.o" "$WORK/run.o"
python3 -c 'import base64, sys, zlib
sys.stdout.write(base64.encodebytes(zlib.compress(open(sys.argv[1], "rb").read(), 9)).decode())' \
  "$WORK/guest" > self-test.zlib.base64
