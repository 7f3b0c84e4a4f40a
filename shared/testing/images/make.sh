#!/usr/bin/env bash
# Makes the small valid images beside it, for tests that read or wound them. Needs mkcomposefs 1.0.8 and mkfs.erofs 1.5.
#
#   shared/testing/images/make.sh        in a checkout, with both tools on PATH
set -euo pipefail
cd "$(dirname "$0")"

hex() { printf "%0.s$1" $(seq 32); }
{
  echo '/ 0 40755 2 0 0 0 100.5 - - - security.selinux=system_u:object_r:root_t:s0\x00 user.note=the\x20root'
  echo '/blk 0 60660 1 0 6 1793 1.0 - - -'
  echo '/chr 0 20666 1 0 0 259 1.0 - - -'
  echo '/empty 0 100644 1 0 0 0 1.0 - - -'
  echo '/fifo 0 10644 1 0 0 0 1.0 - - -'
  echo '/sock 0 140755 1 0 0 0 1.0 - - -'
  echo '/link 6 120777 1 0 0 0 1.0 target - -'
  echo "/longlink 4000 120777 1 0 0 0 1.0 $(printf 't%.0s' $(seq 4000)) - -"
  echo '/inline 5 100644 1 1000 1000 0 -5.999999999 - hello - user.a=1'
  echo "/inline-block 4990 100644 1 70000 70000 0 2.0 - $(printf 'i%.0s' $(seq 4990)) -"
  echo "/backed 5000 100755 2 0 0 0 100.5 ab/$(printf 'ab%.0s' $(seq 31)) - $(hex ab) security.capability=\\x01\\x00\\x00\\x02\\x00\\x20\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00"
  echo '/hard 0 @100755 2 0 0 0 0.0 /backed - -'
  echo '/no-digest 77 100644 1 0 0 0 100.5 some/where - -'
  echo "/no-path 78 100644 1 0 0 0 100.5 - - $(hex cd)"
  echo '/big 8796093022209 100644 1 0 0 0 3.0 x/y - -'
  echo '/hole 100 100644 1 0 0 0 3.0 - - -'
  echo '/odd\x20name\x0a\xff<img\x20src=x\x20onerror=alert(1)> 0 100644 1 0 0 0 3.0 - - - user.k\x3dv=w'
  echo '/dir 0 40700 2 0 0 0 4.0 - - - trusted.overlay.opaque=y user.overlay.opaque=y system.posix_acl_default=\x02\x00\x00\x00\x01\x00\x07\x00\xff\xff\xff\xff\x04\x00\x05\x00\xff\xff\xff\xff\x20\x00\x05\x00\xff\xff\xff\xff'
  echo '/dir/gone 0 20644 1 0 0 0 5.0 - - -'
  echo '/many 0 40755 2 0 0 0 100.5 - - -'
  for i in $(seq 100 330); do
    echo "/many/a-rather-long-name-to-fill-blocks-$i $i 100644 1 0 0 0 $((i % 7)).0 $(printf '%02x' $((i % 256)))/$(printf '%062x' "$i") - $(printf '%02x' $((i % 256)))$(printf '%062x' "$i") security.selinux=system_u:object_r:lib_t:s0\\x00"
  done
} >everything.dump
mkcomposefs --min-version=0 --max-version=0 --from-file everything.dump everything-v0.cfs
mkcomposefs --min-version=1 --from-file everything.dump everything-v1.cfs
rm everything.dump

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/dir/below" "$tree/many"
printf 'hello' >"$tree/small"
seq 1 3000 >"$tree/large"
ln -s large "$tree/link"
ln "$tree/small" "$tree/dir/hard"
mkfifo "$tree/dir/fifo"
truncate -s 100000 "$tree/sparse"
for i in $(seq 100 320); do : >"$tree/many/another-rather-long-name-$i"; done
setfattr -n user.note -v plain "$tree/small"
find "$tree" -exec touch -h -d @1000000000 {} +
for kind in plain chunk; do
  options=(-T 1000000000 -U 00000000-0000-0000-0000-000000000000 --all-root --quiet)
  [[ $kind == chunk ]] && options+=(--chunksize=4096)
  mkfs.erofs "${options[@]}" "$kind.erofs" "$tree" >/dev/null
done
ls -l ./*.cfs ./*.erofs
