#!/bin/sh
# Makes small.cfs with the real mkcomposefs (1.0.8): a bit of everything, 4 objects; and sound.cfs, where each of them
# has its digest. The tests write the objects themselves, each a word and a line feed, 20 times over.
# Usage: PATH=…/bin:$PATH sh make.sh
set -eu
cd "$(dirname "$0")"
temp=$(mktemp -d)
trap 'rm -r "$temp"' EXIT

# object WORD: its path below the data root, and its digest
object() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do printf '%s\n' "$1"; done > "$temp/$1"
  digest=$(composefs-info measure-file "$temp/$1")
  payload=$(printf %s "$digest" | cut -c1-2)/$(printf %s "$digest" | cut -c3-)
  size=$(wc -c < "$temp/$1")
}

{
  printf '%s\n' '/ 0 40755 3 0 0 0 1700000000.0 - - -'
  printf '%s\n' '/bin 0 40755 2 0 0 0 1700000000.0 - - -'
  object good
  printf '%s\n' "/bin/good $size 100755 2 0 0 0 1700000000.123456789 $payload - $digest security.capability=\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00 security.selinux=system_u:object_r:bin_t:s0\x00"
  printf '%s\n' '/bin/link 0 @100755 2 0 0 0 0.0 /bin/good - -'
  object missing
  printf '%s\n' "/bin/missing $size 100644 1 1000 1000 0 1700000000.0 $payload - $digest"
  object short
  printf '%s\n' "/bin/short $size 100644 1 0 0 0 1700000000.0 $payload - $digest"
  object plain
  printf '%s\n' "/bin/plain $size 100644 1 0 0 0 1700000000.0 $payload - -"
  printf '%s\n' '/dev 0 40755 2 0 0 0 1700000000.0 - - -'
  printf '%s\n' '/dev/null 0 20666 1 0 0 259 1700000000.0 - - -'
  printf '%s\n' '/empty 0 100644 1 0 0 0 1700000000.0 - - -'
  printf '%s\n' '/inline 6 100600 1 0 0 0 1700000000.0 - hello\n -'
  printf '%s\n' '/<img\x20src=x\x20onerror=alert(1)> 3 100644 1 0 0 0 1700000000.0 - bad -'
  printf '%s\n' '/symlink 8 120777 1 0 0 0 1700000000.0 bin/good - -'
} > "$temp/small.dump"
mkcomposefs --from-file "$temp/small.dump" small.cfs

{
  printf '%s\n' '/ 0 40755 2 0 0 0 1700000000.0 - - -'
  for word in good missing short plain; do
    object "$word"
    printf '%s\n' "/$word $size 100644 1 0 0 0 1700000000.0 $payload - $digest"
  done
} > "$temp/sound.dump"
mkcomposefs --from-file "$temp/sound.dump" sound.cfs
