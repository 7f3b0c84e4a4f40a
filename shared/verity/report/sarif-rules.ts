import { verityStatuses, type VerityStatus } from '../../contract/status.ts';
import { ruleIds, ruleTitles } from '../../contract/verify-values.ts';
import { causeHelp } from './cause-help.ts';
import { statusMeanings, toneOf } from '../status-words.ts';

/** Statuses that say that something is wrong, or not protected. */
const faultStatuses = verityStatuses.filter((status) => ['bad', 'warn'].includes(toneOf(status)));

/** `warning`: it reads, but nothing protects it. */
export const levelOf = (status: VerityStatus): 'error' | 'warning' => (toneOf(status) === 'bad' ? 'error' : 'warning');

const helpOfStatus: Readonly<Partial<Record<VerityStatus, string>>> = {
  unsealed: 'Enable fs-verity on the object: `fsverity enable`, as the user that owns it.',
  'no-digest': 'Make the image with digests.',
  missing: 'Attach the store that has the object, or fetch the objects of the image again.',
  'size-mismatch': 'Fetch the object again, or repair it from a good copy (`composcope repair`).',
  'digest-mismatch': 'Fetch the object again, or repair it from a good copy (`composcope repair`).',
  'wrong-seal': 'A seal cannot be changed: put a fresh copy of the right content in the object’s place.',
  unreadable: 'Look at the errno: the permissions, the disk, or what lies in the object’s place.',
};

/** Each status that says that something is wrong, each cause, and what can be wrong with an image as a whole. */
export const sarifRules = [
  ...faultStatuses.map((status) =>
    rule(status, levelOf(status), `Object is ${status}`, statusMeanings[status], helpOfStatus[status] ?? ''),
  ),
  ...ruleIds.map((id) => rule(id, 'error', ruleTitles[id], causeHelp[id].means, causeHelp[id].help)),
  rule(
    'image-digest',
    'error',
    'Image has another digest',
    'The fs-verity digest of the image is not the expected one.',
    'Fetch the image again, or look for where the expected digest comes from.',
  ),
  rule(
    'image-signature',
    'error',
    'Image signature is not good',
    'The detached signature over the image’s digest is not good for it.',
    'Look at which certificate was picked, and at which digest was signed.',
  ),
];

function rule(id: string, level: 'error' | 'warning', title: string, means: string, help: string) {
  return {
    id,
    name: id.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: means },
    help: { text: help.replace(/`([^`]*)`/g, '“$1”'), markdown: help },
    defaultConfiguration: { level },
  };
}
