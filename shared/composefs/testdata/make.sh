#!/usr/bin/env bash
# Makes the listings beside it: what composefs-info 1.0.8 prints of ../../testing/images/everything-v1.cfs.
#
#   shared/composefs/testdata/make.sh        in a checkout, with composefs-info on PATH
#
# One thing is put right: the object of /big has a path of 3 bytes, behind which 1.0.8 prints two bytes of what follows
# in the image (dump-format.md, bug B1).
set -euo pipefail
cd "$(dirname "$0")"
image=../../testing/images/everything-v1.cfs
for command in ls dump objects; do
  composefs-info "$command" "$image" | LC_ALL=C sed -E 's#x/y(\\xff\\xff|\xff\xff)#x/y#' >"everything-v1.$command"
done
