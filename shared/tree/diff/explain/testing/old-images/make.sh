#!/usr/bin/env bash
# Makes the images beside it, as releases wrote them whose layout was another one. Needs mkcomposefs of composefs 0.1.3 and
# of 1.0.5, and root.
#
#   shared/tree/diff/explain/testing/old-images/make.sh MKCOMPOSEFS-0.1.3 MKCOMPOSEFS-1.0.5
set -euo pipefail
old=$(realpath "$1") newer=$(realpath "$2")
cd "$(dirname "$0")"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

head -c 5000 /dev/zero | tr '\0' b >"$tree/big"
chmod 755 "$tree"
chmod 644 "$tree/big"
"$old" --use-epoch --compute-digest --by-digest "$tree" c-0.1.3-plain.cfs

mkdir -m 755 "$tree/d"
mknod -m 644 "$tree/d/gone" c 0 0
setfattr -n trusted.overlay.opaque -v y "$tree/d"
setfattr -n user.x -v 1 "$tree/big"
"$old" --use-epoch --compute-digest --by-digest "$tree" c-0.1.3.cfs

{
  echo '/ 0 40755 2 0 0 0 5.0 - - -'
  echo '/w 7 20000 1 0 0 0 6.0 - - -'
  echo '/b 5 100644 1 0 0 0 7.0 - hello -'
} | "$newer" --max-version=0 --from-file - c-1.0.5-whiteout.cfs
