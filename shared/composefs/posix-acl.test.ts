import { describe, expect, it } from 'vitest';
import { decodePosixAcl } from './posix-acl.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const none = 'ffffffff';
const [userObj, groupObj, other] = [`01000600${none}`, `04000400${none}`, `20000400${none}`];

describe('decodePosixAcl', () => {
  it.each([
    // setfacl -m u:1000:r,g:5:rwx, as getfacl shows it
    [
      `02000000${userObj}02000400e8030000${groupObj}080007000500000010000700${none}${other}`,
      'user::rw-,user:1000:r--,group::r--,group:5:rwx,mask::rwx,other::r--',
    ],
    [`02000000${userObj}${groupObj}${other}`, 'user::rw-,group::r--,other::r--'],
    ['02000000', 'no entries'],
  ])('reads %s as %s', (hex, text) => {
    expect(decodePosixAcl(bytes(hex))).toBe(text);
  });

  it.each([
    ['', 'malformed: 0 bytes, at least 4 are needed'],
    ['01000000', 'malformed: version 1, expected 2'],
    ['020000000100', 'malformed: 6 bytes are not 4 and a multiple of 8'],
    [`02000000${userObj}`, 'user::rw- (malformed: group:: and other:: missing)'],
    [
      `02000000${userObj}0200040007000000${groupObj}${other}`,
      'user::rw-,user:7:r--,group::r--,other::r-- (malformed: mask:: missing)',
    ],
    [`02000000${groupObj}${userObj}${other}`, 'group::r--,user::rw-,other::r-- (malformed: entries out of order)'],
    [
      `02000000${userObj}${userObj}${groupObj}${other}`,
      'user::rw-,user::rw-,group::r--,other::r-- (malformed: entries out of order)',
    ],
    [`02000000${userObj}4000040007000000`, 'user::rw-,tag 64:7:r-- (malformed: tag 64 is unknown)'],
    ['0200000001000f00ffffffff', 'user::rwx (malformed: permissions 15)'],
  ])('says what is wrong with “%s”', (hex, text) => {
    expect(decodePosixAcl(bytes(hex))).toBe(text);
  });
});
