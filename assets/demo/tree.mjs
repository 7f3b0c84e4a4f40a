// The demo's tree: every entry with its attributes and content. `make.sh` calls it twice:
//   node tree.mjs content FOLDER       writes the content of each file that becomes an object
//   node tree.mjs dump KNOWN           prints the composefs dump; KNOWN: `composefs-info dump` of those contents
// All of it is invented: no name, text, picture or program here is anyone else's.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { deflateSync } from 'node:zlib';

const INLINE_MAX = 64; // mkcomposefs keeps what is not larger in the image itself

// ---- Content that is made, not written -------------------------------------------------------------------------

/** Bytes that look random and are the same in every run. */
function noise(seed, length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0, block = 0; at < length; at += 32, block += 1) {
    createHash('sha256').update(`${seed}/${block}`).digest().copy(bytes, at);
  }
  return bytes;
}

/** A chunk of a PNG: length, type, data, checksum. */
const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
};

/** A palette PNG. Stored, not compressed, so that every zlib gives the same bytes. */
function png(width, height, palette, pixel) {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = pixel(x, y);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3], 8); // 8 bits a pixel, palette
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((rgb) => [rgb >> 16, (rgb >> 8) & 255, rgb & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Whether a pixel is on a stroke from a to b. */
const near = (x, y, ax, ay, bx, by, width) => {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const t = Math.max(0, Math.min(1, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return (x - ax - t * (bx - ax)) ** 2 + (y - ay - t * (by - ay)) ** 2 <= width ** 2;
};

/** A heron in the reeds at dusk, drawn from circles and lines. */
function heron() {
  const sky = [0x22305a, 0x3a4478, 0x6a5a92, 0xb0748f, 0xe79a7c, 0xf6c98a];
  const palette = [...sky, 0x2c5f70, 0x1c4152, 0xfff3d0, 0x101826, 0x8d9fb5, 0xdfe7ee, 0xe9a23b];
  return png(96, 96, palette, (x, y) => {
    const neck = near(x, y, 52, 50, 44, 40, 2.6) || near(x, y, 44, 40, 52, 28, 2.2) || near(x, y, 52, 28, 49, 21, 2.2);
    if (near(x, y, 51, 20, 72, 23, 1.2)) return 12; // bill
    if (near(x, y, 44, 18, 34, 24, 0.9)) return 9; // plume
    if ((x - 51) ** 2 + (y - 20) ** 2 < 1.5) return 9; // eye
    if (neck || (x - 49) ** 2 + (y - 20) ** 2 < 14) return 11;
    if (((x - 46) / 15) ** 2 + ((y - 57) / 8) ** 2 < 1 || near(x, y, 36, 58, 24, 68, 3)) return 10; // body, tail
    if (near(x, y, 44, 62, 44, 88, 0.8) || near(x, y, 50, 62, 53, 88, 0.8)) return 9; // legs
    for (const [foot, top] of [
      [8, 58],
      [14, 50],
      [20, 62],
      [78, 54],
      [84, 44],
      [90, 60],
    ]) {
      if (near(x, y, foot, 95, foot + 3, top, 0.9)) return 9; // reeds
    }
    if (y > 76) return (x * 3 + y * 5) % 23 < 3 && y % 3 === 0 ? 8 : y % 2 === 0 ? 6 : 7; // water
    if ((x - 74) ** 2 + (y - 58) ** 2 < 90) return 8; // sun
    return Math.min(5, Math.floor((y + ((x * 7 + y * 13) % 5)) / 14));
  });
}

/** An x86-64 ELF that prints its text and exits, followed by a section's worth of noise. */
function program(text, size) {
  const code = [0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0x48, 0x8d, 0x35, 0x13, 0, 0, 0, 0xba]; // write(1, text, …)
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const exit = [0x0f, 0x05, 0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]; // exit(0)
  const head = Buffer.alloc(120);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0], 0);
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(62, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(0x400078n, 24); // entry: right behind the headers
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(1, 56);
  head.writeUInt32LE(1, 64); // PT_LOAD, read and execute
  head.writeUInt32LE(5, 68);
  head.writeBigUInt64LE(0x400000n, 80);
  head.writeBigUInt64LE(0x400000n, 88);
  head.writeBigUInt64LE(BigInt(size), 96);
  head.writeBigUInt64LE(BigInt(size), 104);
  head.writeBigUInt64LE(4096n, 112);
  const start = Buffer.concat([head, Buffer.from(code), length, Buffer.from(exit), Buffer.alloc(3), Buffer.from(text)]);
  return Buffer.concat([start, noise(text, size - start.length)]);
}

// ---- Attributes ------------------------------------------------------------------------------------------------

const label = (type) => ({ 'security.selinux': Buffer.from(`system_u:object_r:${type}:s0\0`) });

/** A version 2 file capability (linux/capability.h): the mask, effective at once. */
function capability(...numbers) {
  const value = Buffer.alloc(20);
  value.writeUInt32LE(0x0200_0001, 0);
  for (const number of numbers) value.writeUInt32LE((value.readUInt32LE(4) | (1 << number)) >>> 0, 4);
  return { 'security.capability': value };
}
const CAP_NET_BIND_SERVICE = 10;
const CAP_NET_RAW = 13;

/** An ACL as the kernel keeps it (linux/posix_acl_xattr.h): `u::rw-`, `u:1000:rw-`, `g::r--`, `m::rw-`, `o::---`. */
function acl(text) {
  const tags = { 'u:': 1, u: 2, 'g:': 4, g: 8, 'm:': 16, 'o:': 32 };
  const entries = text.split(' ').map((entry) => {
    const [who, id, may] = entry.split(':');
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(tags[id === '' ? `${who}:` : who], 0);
    bytes.writeUInt16LE(
      [...'rwx'].reduce((sum, bit, at) => sum + (may[at] === bit ? 4 >> at : 0), 0),
      2,
    );
    bytes.writeUInt32LE(id === '' ? 0xffff_ffff : Number(id), 4);
    return bytes;
  });
  return Buffer.concat([Buffer.from([2, 0, 0, 0]), ...entries]);
}

// ---- The tree --------------------------------------------------------------------------------------------------

const entries = [];
const RELEASE = Date.UTC(2026, 2, 14, 9, 26, 53) / 1000;

function add(path, type, mode, fields) {
  entries.push({ path, type, mode, uid: 0, gid: 0, nlink: 1, rdev: 0, mtime: `${RELEASE}.0`, xattrs: {}, ...fields });
}
const dir = (path, mode = 0o755, fields = {}) => add(path, 0o040000, mode, fields);
const link = (path, target, fields = {}) => add(path, 0o120000, 0o777, { target, ...fields });
const device = (path, type, mode, major, minor, gid) =>
  add(path, type, mode, { rdev: (minor & 0xff) | (major << 8), gid, xattrs: label('device_t') });
const file = (path, content, mode = 0o644, fields = {}) =>
  add(path, 0o100000, mode, { content: Buffer.from(content), ...fields });
const hardLink = (path, target) => add(path, 0o100000, 0o755, { hardLink: target });
const at = (days, nsec = 0) => ({ mtime: `${RELEASE - days * 86_400 - ((days * 7919) % 43_200)}.${nsec}` });

const system = { xattrs: label('etc_t') };
const binary = (days, extra = {}) => ({ ...at(days, days * 1_234_567), xattrs: { ...label('bin_t'), ...extra } });
const usr = { xattrs: label('usr_t') };

dir('/', 0o755, { xattrs: label('root_t') });
link('/bin', 'usr/bin');
link('/lib', 'usr/lib');
dir('/boot');
dir('/dev', 0o755, { xattrs: label('device_t') });
device('/dev/console', 0o020000, 0o600, 5, 1, 5);
device('/dev/null', 0o020000, 0o666, 1, 3, 0);
device('/dev/tty0', 0o020000, 0o620, 4, 0, 5);
device('/dev/loop0', 0o060000, 0o660, 7, 0, 6);
device('/dev/sda1', 0o060000, 0o660, 8, 1, 6);

dir('/etc', 0o755, system);
file('/etc/hostname', 'lagoon\n', 0o644, system);
file('/etc/machine-id', '', 0o444, system);
file('/etc/hosts', '127.0.0.1 localhost lagoon\n::1 localhost\n', 0o644, system);
link('/etc/os-release', '../usr/lib/os-release', system);
link('/etc/localtime', '../usr/share/zoneinfo/Etc/Lagoon', system);
link('/etc/mtab', '/proc/self/mounts', system);
file(
  '/etc/passwd',
  `root:x:0:0:Super User:/root:/usr/bin/sh
daemon:x:2:2::/:/usr/bin/nologin
heron:x:871:871:Observation daemon:/var/lib/heron:/usr/bin/nologin
mara:x:1000:1000:Mara Lindqvist:/home/mara:/usr/bin/sh
tomas:x:1001:1001:Tomás Ferreira:/home/tomas:/usr/bin/sh
nobody:x:65534:65534:Nobody:/:/usr/bin/nologin
`,
  0o644,
  { xattrs: label('passwd_file_t') },
);
file(
  '/etc/shadow',
  'root:!*:20526::::::\ndaemon:!*:20526::::::\nheron:!*:20526::::::\nmara:$y$j9T$demo$notarealhashjustforthedemo0000:20526:0:99999:7:::\n',
  0o000,
  { xattrs: label('shadow_t') },
);
file(
  '/etc/group',
  'root:x:0:\ntty:x:5:\ndisk:x:6:\nwheel:x:10:mara\nheron:x:871:mara,tomas\nmara:x:1000:\ntomas:x:1001:\n',
  0o644,
  system,
);
file(
  '/etc/fstab',
  `# The root is a composefs image: it cannot be written, and each file in it is checked when it is opened.
composefs   /      composefs  ro,verity        0 0
LABEL=state /var   ext4       rw,nosuid,nodev  0 2
`,
  0o644,
  system,
);
dir('/etc/heron', 0o750, { gid: 871, ...system });
file(
  '/etc/heron/heron.conf',
  `# Heron observation daemon
[station]
name      = Lagoon North
latitude  = 54.4421
longitude = 12.5633
timezone  = Etc/Lagoon

[camera]
device    = /dev/video0
interval  = 30s
night     = infrared

[upload]
enabled   = no          ; set to yes once the lighthouse has its antenna back
server    = heron.invalid
retry     = 5m
`,
  0o660, // the group bits of a file with an ACL are its mask
  {
    gid: 871,
    ...at(3, 500_000_000),
    xattrs: { ...label('etc_t'), 'system.posix_acl_access': acl('u::rw- u:1000:rw- g::r-- m::rw- o::---') },
  },
);
dir('/etc/heron/keys.d', 0o750, {
  gid: 871,
  xattrs: {
    ...label('cert_t'),
    'system.posix_acl_access': acl('u::rwx g::r-x g:1001:r-x m::r-x o::---'),
    'system.posix_acl_default': acl('u::rw- g::r-- g:1001:r-- m::r-- o::---'),
  },
});
file('/etc/heron/keys.d/lagoon.pub', `ed25519 ${noise('lagoon key', 32).toString('base64')} lagoon\n`, 0o440, {
  gid: 871,
  xattrs: label('cert_t'),
});
dir('/etc/ssl', 0o755, system);
file(
  '/etc/ssl/heron-root.pem',
  `Heron demo root. This is no certificate; the bytes below are noise.\n-----BEGIN NOTHING-----\n${noise('root', 720)
    .toString('base64')
    .replace(/.{64}/g, '$&\n')}\n-----END NOTHING-----\n`,
  0o444,
  { ...at(400), xattrs: label('cert_t') },
);
file('/etc/motd', '\n  Welcome to Heron 4.2 “Lagoon”.\n  The tide turns at six.\n\n', 0o644, system);

dir('/home');
dir('/home/mara', 0o700, { uid: 1000, gid: 1000, xattrs: label('user_home_t') });
const mara = { uid: 1000, gid: 1000, xattrs: label('user_home_t') };
file(
  '/home/mara/.profile',
  'export EDITOR=vi\nexport PAGER=less\nalias tide="heron tide --today"\nalias birds="heron list --rare --since yesterday"\n',
  0o644,
  mara,
);
file(
  '/home/mara/notes.md',
  `# Notes

- The bittern in the east reeds booms at 04:10, not at 04:40. Tell Tomás.
- Camera 2 has a spider. The spider has a name now (Gisela).
- Ask about the antenna. Again.
- Two egrets where there were three on Tuesday.

## Before the update

1. Compare the new image with this one: only heron and its library should differ.
2. Copy the observations. The last update ate a block of them.
`,
  0o600,
  {
    ...mara,
    ...at(1, 271_828_182),
    xattrs: { ...label('user_home_t'), 'user.comment': Buffer.from('<b>not</b> markup') },
  },
);
file('/home/mara/vögel 🐦.txt', 'Rohrdommel, Silberreiher, Graureiher\n', 0o644, mara);

dir('/run', 0o755, { xattrs: label('var_run_t') });
add('/run/initctl', 0o010000, 0o600, { xattrs: label('initctl_t') });
dir('/run/heron', 0o770, { uid: 871, gid: 871 });
add('/run/heron/control.sock', 0o140000, 0o660, { uid: 871, gid: 871 });
dir('/tmp', 0o1777, { xattrs: label('tmp_t') });
dir('/sysroot', 0o755);

dir('/usr', 0o755, usr);
dir('/usr/bin', 0o755, { xattrs: label('bin_t') });
const HERON = program('heron 4.2.0 (lagoon)\n', 24_576);
file('/usr/bin/heron', HERON, 0o755, binary(2));
file('/usr/bin/heron-ping', program('heron-ping 4.2.0\n', 8_704), 0o755, binary(2, capability(CAP_NET_RAW)));
file(
  '/usr/bin/heron-webd',
  program('heron-webd 4.2.0\n', 13_312),
  0o755,
  binary(2, capability(CAP_NET_BIND_SERVICE, CAP_NET_RAW)),
);
file('/usr/bin/su', program('su: not in the demo\n', 6_144), 0o4755, binary(90));
file('/usr/bin/wall', program('wall: the tide is rising\n', 4_608), 0o2755, { ...binary(90), gid: 5 });
file('/usr/bin/sh', program('$ \n', 17_408), 0o755, { ...binary(90), nlink: 3 });
hardLink('/usr/bin/sh-lite', '/usr/bin/sh');
hardLink('/usr/bin/sh-rescue', '/usr/bin/sh');
link('/usr/bin/ash', 'sh', binary(90));
file(
  '/usr/bin/heron-report',
  `#!/usr/bin/sh
# Prints what was seen since yesterday, rarest first.
set -eu
db=\${HERON_DB:-/var/lib/heron/observations.db}
[ -r "$db" ] || { echo "heron-report: cannot read $db" >&2; exit 3; }
exec heron list --database "$db" --since yesterday --sort rarity "$@"
`,
  0o755,
  binary(30),
);
dir('/usr/lib', 0o755, { xattrs: label('lib_t') });
file(
  '/usr/lib/os-release',
  `NAME="Heron"
PRETTY_NAME="Heron 4.2 (Lagoon)"
ID=heron
VERSION="4.2 (Lagoon)"
VERSION_ID=4.2
VERSION_CODENAME=lagoon
HOME_URL="https://heron.invalid/"
IMAGE_VERSION=2026-03-14
`,
  0o644,
  usr,
);
file('/usr/lib/libheron.so.4.2.0', program('libheron 4.2.0\n', 28_672), 0o755, binary(2));
link('/usr/lib/libheron.so.4', 'libheron.so.4.2.0');
link('/usr/lib/libheron.so', 'libheron.so.4');
file('/usr/lib/libheron-legacy.so.3.9.1', program('libheron 3.9.1\n', 16_384), 0o755, binary(610));
dir('/usr/lib/firmware');
file('/usr/lib/firmware/radar.bin', noise('radar', 3 << 20), 0o644, { ...at(200), xattrs: label('lib_t') });
file('/usr/lib/firmware/blink.fw', noise('blink', 1_536), 0o644, { ...at(200), noDigest: true });
dir('/usr/lib/systemd');
dir('/usr/lib/systemd/system');
file(
  '/usr/lib/systemd/system/heron.service',
  `[Unit]
Description=Heron observation daemon
After=network.target
ConditionPathExists=/etc/heron/heron.conf

[Service]
Type=notify
User=heron
ExecStart=/usr/bin/heron watch --config /etc/heron/heron.conf
Restart=on-failure
ProtectSystem=strict
ReadWritePaths=/var/lib/heron

[Install]
WantedBy=multi-user.target
`,
  0o644,
  { xattrs: label('systemd_unit_file_t') },
);
dir('/usr/share', 0o755, usr);
dir('/usr/share/doc');
dir('/usr/share/doc/heron');
const LICENCE = `Heron is part of a demonstration and does nothing.

You may copy it, change it, sing it to the ducks and give it away, with or without this notice. There is no warranty
of any kind: not that it works, not that it fails, and least of all that the heron is where it was yesterday.
`;
file('/usr/share/doc/heron/LICENCE', LICENCE, 0o644, at(900));
file(
  '/usr/share/doc/heron/CHANGELOG',
  `4.2.0  Lagoon
  - counts egrets once, even if they walk past twice
  - heron-ping needs no set-uid bit any more (cap_net_raw)
  - the old library stays for one more release: libheron-legacy.so.3

4.1.3  Estuary
  - no longer takes buoys for cormorants
  - no longer takes cormorants for buoys

4.1.0  Estuary
  - tide tables for harbours without a clock
`,
  0o644,
  at(2),
);
file(
  '/usr/share/doc/heron/almanac-1899.txt',
  'Found in the lighthouse, typed in by hand.\n\nDecember 31st, 1899. Wind west, 6. One grey heron on the north pier, as always.\nThe keeper says it was there when his father kept the light.\n',
  0o444,
  { mtime: '-2208989400.250000000' },
);
add('/usr/share/doc/heron/INSTALL', 0o020000, 0, at(2));
dir('/usr/share/heron');
file('/usr/share/heron/logo.png', heron(), 0o644, at(60));
const BIRDS = [
  ['Grey heron', 'Ardea cinerea', 98, 3],
  ['Great egret', 'Ardea alba', 95, 2],
  ['Little egret', 'Egretta garzetta', 60, 1],
  ['Eurasian bittern', 'Botaurus stellaris', 75, 1],
  ['Black-crowned night heron', 'Nycticorax nycticorax', 62, 0],
  ['Purple heron', 'Ardea purpurea', 80, 0],
  ['Great cormorant', 'Phalacrocorax carbo', 90, 14],
  ['Common kingfisher', 'Alcedo atthis', 17, 2],
  ['Eurasian spoonbill', 'Platalea leucorodia', 85, 0],
  ['Pied avocet', 'Recurvirostra avosetta', 44, 31],
];
const sightings = [];
for (let month = 1; month <= 6; month += 1) {
  for (const [id, [name, latin, height, often]] of BIRDS.entries()) {
    sightings.push({ id, name, latin, height_cm: height, month, seen: (often * (month + 2) + id * 5) % 37 });
  }
}
const catalogue = { station: 'Lagoon North', unit: 'cm', birds: sightings };
file('/usr/share/heron/birds.json', `${JSON.stringify(catalogue, undefined, 1)}\n`, 0o644, { ...at(2), ...usr });
file('/usr/share/heron/LICENCE', LICENCE, 0o644, at(900));
dir('/usr/share/heron/stations', 0o755, at(45));
for (let number = 1; number <= 64; number += 1) {
  const bearing = (number * 137) % 360;
  file(
    `/usr/share/heron/stations/${String(number).padStart(3, '0')}.conf`,
    `reed=${(number * 11) % 7}\nbearing=${bearing}\n`,
    0o644,
    at(45 + number),
  );
}
// A directory that hides the one of a lower layer. A file that a layer removed lies elsewhere, since the directory of
// a whiteout is marked `x` in place of `y`.
dir('/usr/share/heron/themes', 0o755, { xattrs: { 'trusted.overlay.opaque': Buffer.from('y') } });
file(
  '/usr/share/heron/themes/dusk.css',
  ':root {\n  --sky: #22305a;\n  --sun: #fff3d0;\n  --reed: #101826;\n  --bill: #e9a23b;\n}\n',
);
// Names that a careless program stumbles over: all of them are text.
dir('/usr/share/heron/gallery');
const gallery = (name, content) =>
  file(Buffer.concat([Buffer.from('/usr/share/heron/gallery/'), Buffer.from(name)]), content);
gallery('<img src=x onerror=alert(1)>', 'The name of this file is text, wherever it is shown.\n');
gallery(Buffer.from('r\xe9servoir.txt', 'latin1'), 'The name is Latin-1, not UTF-8: its second byte is e9.\n');
gallery('two\nlines.txt', 'There is a line break in the name.\n');
gallery('back\\slash \t tab.txt', 'A backslash, a space and a tab.\n');
gallery('egret \u202egnp.exe', 'U+202E turns the reading direction: this is no picture.\n');
gallery('-rf', 'Starts with a dash.\n');
gallery(`${'long '.repeat(50)}name`, 'As long as a name may be, nearly.\n');
gallery(
  'egret.txt',
  'A white shape in the reeds, so still that the camera counted it as a fence post for eleven days.\nOn the twelfth it ate a frog.\n',
);

dir('/var', 0o755, { xattrs: label('var_t') });
dir('/var/lib');
dir('/var/lib/heron', 0o2770, { uid: 871, gid: 871, xattrs: label('var_lib_t') });
file(
  '/var/lib/heron/observations.db',
  Buffer.concat([Buffer.from('HERON-OBSERVATIONS 4\0'), noise('observations', 20_459)]),
  0o660,
  { uid: 871, gid: 871, ...at(1, 999_999_999), xattrs: label('var_lib_t') },
);
dir('/var/tmp', 0o1777, { xattrs: label('tmp_t') });

// ---- Output ----------------------------------------------------------------------------------------------------

const isObject = (entry) => entry.content !== undefined && entry.content.length > INLINE_MAX;
/** Name of an entry's content in the folder that mkcomposefs reads: contents that are equal share one. */
const contentName = (entry) => createHash('sha256').update(entry.content).digest('hex');

function escape(value, also = '') {
  if (value.length === 0) return '-';
  const text = Array.from(value, (byte) => {
    const letter = String.fromCharCode(byte);
    if (letter === '\\') return '\\\\';
    if (byte <= 0x20 || byte >= 0x7f || also.includes(letter)) return `\\x${byte.toString(16).padStart(2, '0')}`;
    return letter;
  }).join('');
  return text === '-' ? '\\x2d' : text;
}

function dumpLine(entry, known) {
  const { path, type, mode, nlink, uid, gid, rdev, mtime, content, target, noDigest, xattrs } = entry;
  if (entry.hardLink !== undefined) return `${escape(Buffer.from(path))} 0 @100755 3 0 0 0 0.0 ${entry.hardLink} - -`;
  const { payload = '-', digest = '-' } = isObject(entry) ? known.get(contentName(entry)) : {};
  const inline = content !== undefined && !isObject(entry) ? escape(content) : '-';
  const size = content?.length ?? target?.length ?? 0;
  const attributes = Object.entries(xattrs).map(
    ([key, value]) => ` ${escape(Buffer.from(key), '=')}=${escape(value, '=')}`,
  );
  const pointer = target === undefined ? payload : escape(Buffer.from(target));
  const numbers = `${size} ${(type | mode).toString(8)} ${nlink} ${uid} ${gid} ${rdev} ${mtime}`;
  return `${escape(Buffer.from(path))} ${numbers} ${pointer} ${inline} ${noDigest ? '-' : digest}${attributes.join('')}`;
}

const [, , command, where] = argv;
if (command === 'content') {
  mkdirSync(where, { recursive: true });
  for (const entry of entries.filter(isObject)) writeFileSync(join(where, contentName(entry)), entry.content);
} else if (command === 'dump') {
  const known = new Map();
  for (const line of readFileSync(where, 'latin1').split('\n')) {
    const [path, , , , , , , , payload, , digest] = line.split(' ');
    if (digest !== undefined && digest !== '-') known.set(path.slice(1), { payload, digest });
  }
  stdout.write(entries.map((entry) => `${dumpLine(entry, known)}\n`).join(''));
} else {
  throw new Error('tree.mjs content FOLDER | tree.mjs dump KNOWN');
}
