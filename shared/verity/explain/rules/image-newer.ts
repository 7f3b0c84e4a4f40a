import { count } from '../words.ts';
import { finding, type Rule } from '../evidence.ts';

/** One missing object is a hole; many are a store that was not brought up to date. */
const MANY = 3;

const date = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

/** The store is as it was before the image was made. */
export const imageNewer: Rule = {
  id: 'image-newer',
  examine: async ({ status, survey }) => {
    if (status !== 'missing' || survey === undefined || survey.missing < MANY) return undefined;
    const { objects, missing, imageMtimeMs, newestObjectMtimeMs } = survey;
    if (newestObjectMtimeMs === undefined)
      return { ruledOut: 'The store has no object of this image at all: it is not just older.' };
    if (imageMtimeMs <= newestObjectMtimeMs) {
      return { ruledOut: 'The store is no older than the image: objects came into it after the image was written.' };
    }
    return finding(
      'image-newer',
      'possible',
      `The image is newer than anything of it in the store, and ${count(missing, 'object')} of ${count(objects, 'object')} are missing: the store may not have been brought up to date.`,
      [
        ['Image written', date(imageMtimeMs)],
        ['Newest object', date(newestObjectMtimeMs)],
        ['Missing', `${missing} of ${objects}`],
      ],
      'Fetch the objects that came with the image, then look again.',
    );
  },
};
