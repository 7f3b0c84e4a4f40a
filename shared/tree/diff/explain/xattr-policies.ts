/** What a tool keeps of the extended attributes. */
export interface XattrPolicy {
  readonly words: string;
  readonly keeps: (name: string) => boolean;
}

const isUser = (name: string): boolean => name.startsWith('user.');
const isCapability = (name: string): boolean => name === 'security.capability';
const isLabel = (name: string): boolean => name === 'security.selinux';

/** Policies of tools (digest-divergence.md, T3). */
export const xattrPolicies: readonly XattrPolicy[] = [
  { words: 'all', keeps: () => true },
  { words: 'none', keeps: () => false },
  { words: 'security.capability only', keeps: isCapability },
  { words: 'security.capability and user.*', keeps: (name) => isCapability(name) || isUser(name) },
  // composefs-rs made bootable, of an image whose SELinux policy makes the labels that the tree has
  { words: 'security.capability and security.selinux', keeps: (name) => isCapability(name) || isLabel(name) },
  {
    words: 'security.capability, security.selinux and user.*',
    keeps: (name) => isCapability(name) || isLabel(name) || isUser(name),
  },
  { words: 'user.* only', keeps: isUser },
  { words: 'security.selinux only', keeps: isLabel },
  { words: 'all but security.selinux', keeps: (name) => !isLabel(name) },
  { words: 'all but user.*', keeps: (name) => !isUser(name) },
];
