import { basename, dirname, join } from 'node:path';
import { kindAt, listIfThere } from './folder-listing.ts';
import { capImages, type ImageList } from './store-found.ts';

/**
 * The images of the deployments beside an ostree repository: `…/ostree/deploy/NAME/deploy/CHECKSUM.N/.ostree.cfs`.
 * @param repository `…/ostree/repo`; one that lies elsewhere has no deployments
 * @throws StoreError where a folder of deployments is there and cannot be listed
 */
export async function imagesOfDeployments(repository: string): Promise<ImageList> {
  if (basename(repository) !== 'repo') return { images: [], cautions: [] };
  const deploy = join(dirname(repository), 'deploy');
  const images: string[] = [];
  for (const name of (await listIfThere(deploy)).entries.keys()) {
    const folder = join(deploy, name, 'deploy');
    for (const deployment of (await listIfThere(folder)).entries.keys()) {
      const image = join(folder, deployment, '.ostree.cfs');
      if (/^[0-9a-f]{64}\.\d+$/.test(deployment) && (await kindAt(image)) === 'file') images.push(image);
    }
  }
  return capImages(images.toSorted());
}
