#!/bin/sh
# Puts in place what ordinary users need to mount through polkit: the helper, its launcher, and the policy that names it.
# All of it becomes root's, as a copy: what lies in the checkout can be changed by whoever owns that.
#
#   sudo sh assets/polkit/install.sh [--node FILE]   after `npm run build`; again after each update
#   sudo sh assets/polkit/install.sh --remove
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

LIB=/usr/lib/composcope
POLICY=/usr/share/polkit-1/actions/org.composcope.policy
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
root=$(dirname -- "$(dirname -- "$here")")

fail() {
  printf 'install.sh: %s\n' "$1" >&2
  exit "${2-3}"
}

# Whether a file and each folder on the way to it are root's, and nobody else's to write.
is_roots() {
  part=$1
  while :; do
    [ -n "$(find "$part" -maxdepth 0 -user 0 ! -perm /022)" ] || return 1
    [ "$part" != / ] || return 0
    part=$(dirname -- "$part")
  done
}

node=
remove=
while [ $# -gt 0 ]; do
  case $1 in
  --node)
    [ $# -gt 1 ] || fail '--node needs a file' 2
    node=$2
    shift
    ;;
  --remove) remove=yes ;;
  *) fail "what is $1? install.sh [--node FILE] | --remove" 2 ;;
  esac
  shift
done
[ "$(id -u)" = 0 ] || fail 'only root can install for the system: sudo sh assets/polkit/install.sh' 2

if [ -n "$remove" ]; then
  rm -rf -- "$POLICY" "$LIB"
  echo 'removed'
  exit 0
fi

helper=$root/build/helper/helper.mjs
[ -f "$helper" ] || fail "$helper is missing: npm run build"
[ -f "$root/node_modules/koffi/package.json" ] || fail "$root/node_modules/koffi is missing: npm install"
[ -d "$(dirname -- "$POLICY")" ] || fail "$(dirname -- "$POLICY") is missing: install polkit first"
[ -n "$node" ] || node=$(command -v node || :)
[ -n "$node" ] || fail 'there is no node in /usr/bin: name one with --node'
node=$(readlink -f -- "$node") && [ -f "$node" ] && [ -x "$node" ] || fail '--node names no program'
"$node" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "$node is older than Node 20.19"

# Made beside, then put in place: a helper that is half there is never started.
is_roots "$(dirname -- "$LIB")" || fail "$(dirname -- "$LIB") can be written by others than root"
new=$(mktemp -d "$LIB.XXXXXX")
trap 'rm -rf -- "$new"' EXIT
mkdir -p "$new/node_modules/@koromix"
cp -- "$helper" "$new/helper.mjs"
cp -RL -- "$root/node_modules/koffi" "$new/node_modules/"
for native in "$root"/node_modules/@koromix/koffi-*; do
  [ -d "$native" ] && cp -RL -- "$native" "$new/node_modules/@koromix/"
done
# a Node that its owner can change would make its owner root
if ! is_roots "$node"; then
  cp -- "$node" "$new/node"
  node=$LIB/node
fi
case $node in *[\'\|\&\\]*) fail "$node has a letter in its path that the launcher cannot hold" ;; esac
sed "s|@NODE@|$node|" "$here/composcope-helper" >"$new/composcope-helper"
chown -R 0:0 "$new"
chmod -R u=rwX,go=rX "$new"
chmod 755 "$new" "$new/composcope-helper"
[ ! -e "$new/node" ] || chmod 755 "$new/node"

cp -- "$here/org.composcope.policy" "$POLICY.new"
chown 0:0 "$POLICY.new"
chmod 644 "$POLICY.new"
rm -rf -- "$LIB.old"
[ ! -e "$LIB" ] || mv -T -- "$LIB" "$LIB.old"
mv -T -- "$new" "$LIB"
trap - EXIT
mv -T -- "$POLICY.new" "$POLICY"
rm -rf -- "$LIB.old"
printf 'installed in %s, with %s and %s\n' "$LIB" "$node" "$POLICY"
