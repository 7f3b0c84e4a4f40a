#!/bin/sh
# Makes certificates, and signatures over a digest, as the tools of the field make them: fsverity-utils and OpenSSL. The
# private keys are thrown away. What is signed: the file `content`, whose fs-verity digest is in `digest`.
# Usage: sh make.sh
set -eu
cd "$(dirname "$0")"
temp=$(mktemp -d)
trap 'rm -r "$temp"' EXIT
printf 'what is signed\n' > "$temp/content"
fsverity digest --compact "$temp/content" > digest
fsverity digest --for-builtin-sig --compact "$temp/content" | cut -d' ' -f1 | xxd -r -p > "$temp/formatted"

self_signed() { # NAME DAYS openssl-options…
  name=$1 days=$2
  shift 2
  openssl req -x509 -newkey "$@" -nodes -keyout "$temp/$name.key" -out "$name.pem" -days "$days" -subj "/CN=$name/O=Composcope tests" 2> /dev/null
}
self_signed rsa 36500 rsa:2048
self_signed ec 36500 ec -pkeyopt ec_paramgen_curve:P-256
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/expired.key" -out expired.pem -subj /CN=expired \
  -not_before 20200101000000Z -not_after 20210101000000Z 2> /dev/null ||
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$temp/expired.key" -out expired.pem -subj /CN=expired -days 1 2> /dev/null

issued() { # NAME ISSUER
  openssl req -newkey rsa:2048 -nodes -keyout "$temp/$1.key" -out "$temp/$1.csr" -subj "/CN=$1" 2> /dev/null
  openssl x509 -req -in "$temp/$1.csr" -CA "$2.pem" -CAkey "$temp/$2.key" -CAcreateserial -CAserial "$temp/serial" -days 36500 \
    -extfile "$temp/extensions" -out "$1.pem" 2> /dev/null
}
printf 'basicConstraints=CA:TRUE\n' > "$temp/extensions"
self_signed root 36500 rsa:2048
issued intermediate root
issued leaf intermediate

for name in rsa ec expired leaf; do
  fsverity sign "$temp/content" "$name.sig" --key="$temp/$name.key" --cert="$name.pem" > /dev/null
done
# with signed attributes, which fsverity never has; and over what is no formatted digest
openssl cms -sign -binary -in "$temp/formatted" -signer rsa.pem -inkey "$temp/rsa.key" -md sha256 -nocerts -outform DER -out attributes.sig
openssl smime -sign -binary -in digest -signer rsa.pem -inkey "$temp/rsa.key" -md sha256 -noattr -nocerts -outform DER -out text.sig
openssl smime -sign -binary -nodetach -in "$temp/formatted" -signer rsa.pem -inkey "$temp/rsa.key" -md sha256 -noattr -nocerts -outform DER -out attached.sig
