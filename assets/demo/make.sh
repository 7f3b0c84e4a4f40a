#!/bin/sh
# Makes the demo that `npm start` opens: demo.cfs and its store, objects/. Run it anywhere; it writes beside itself.
# Needs Node and composefs 1.0.8 (mkcomposefs, composefs-info). The bytes come out the same each time: every attribute
# is in tree.mjs, nothing is taken from the files that are written on the way.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1. The contents, and from mkcomposefs the object and the fs-verity digest of each.
node "$here/tree.mjs" content "$work/content"
mkcomposefs --use-epoch --digest-store="$work/objects" "$work/content" "$work/content.cfs"
composefs-info dump "$work/content.cfs" >"$work/known"

# 2. The image, from a dump that has owners, devices and xattrs as no unprivileged user could set them on disk.
node "$here/tree.mjs" dump "$work/known" >"$work/demo.dump"
mkcomposefs --from-file "$work/demo.dump" "$work/demo.cfs"

# 3. The store. Each wound below is one that is seen in the field; git keeps them all (it would neither keep an
#    object of mode 000 nor an empty folder).
object() { # PATH: where the file at PATH inside the image has its bytes
  grep -aF "$1 " "$work/demo.dump" | awk -v path="$1" '$1 == path { print $9 }'
}
cd "$work/objects"

#    missing: never downloaded. Its 3 MB are the largest block of the treemap.
rm "$(object /usr/lib/firmware/radar.bin)"

#    size-mismatch: cut short, as a download that broke off. 8192 of 20480 bytes are there, all of them right.
truncate -s 8192 "$(object /var/lib/heron/observations.db)"

#    digest-mismatch, bits flipped: one bit in each of three bytes, in the first and the second 4 KiB block. The size
#    is right, so this one shows as `unchecked` until it is verified.
birds=$(object /usr/share/heron/birds.json)
flip() { # FILE OFFSET MASK
  byte=$(od -An -tu1 -j"$2" -N1 "$1")
  printf "$(printf '\\%03o' $((byte ^ $3)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
flip "$birds" 86 1     # Grey heron → Gsey heron
flip "$birds" 4834 4   # Great cormorant → Great gormorant
flip "$birds" 7340 32  # Purple heron → purple heron

#    digest-mismatch, lost writes: zeros from the second block on, as after a crash before the data reached the disk.
legacy=$(object /usr/lib/libheron-legacy.so.3.9.1)
dd if=/dev/zero of="$legacy" bs=4096 seek=1 count=3 conv=notrunc status=none

#    unreadable, a symlink in its place: overlayfs follows none (a deduplicator that links duplicates does this).
pem=$(object /etc/ssl/heron-root.pem)
mv "$pem" "${pem%/*}/moved-away.pem"
ln -s moved-away.pem "$pem"

#    unreadable, a folder in its place: something unpacked an archive over the store.
egret=$(object /usr/share/heron/gallery/egret.txt)
rm "$egret"
mkdir "$egret"
echo 'A folder where an object should be: part of the demo, see make.sh.' >"$egret/README"

#    no-digest is no wound of the store: the image has no digest for /usr/lib/firmware/blink.fw, so nothing protects it.

# 4. Into place.
cd "$here"
rm -rf objects
cp -R "$work/objects" objects
cp "$work/demo.cfs" demo.cfs
find objects -type d -exec chmod 755 {} +
find objects -type f -exec chmod 644 {} +
chmod 644 demo.cfs
composefs-info measure-file demo.cfs
