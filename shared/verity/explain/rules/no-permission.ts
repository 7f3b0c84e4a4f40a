import { finding, type Rule } from '../evidence.ts';

/** Nobody knows what is wrong, if anything is: it may not be read by who looks. */
export const noPermission: Rule = {
  id: 'no-permission',
  examine: async ({ status, errno, reason, found }) => {
    if (status !== 'unreadable' || (errno !== 'EACCES' && errno !== 'EPERM')) return undefined;
    return finding(
      'no-permission',
      'certain',
      'It may not be read by this user; whether its content is right, nobody looked.',
      [
        ['Errno', errno],
        ['Seen', reason ?? found?.path ?? ''],
      ],
      'Verify as a user that may read the store (root). A mount reads with the rights of who mounted, so that it may work all the same.',
    );
  },
};
