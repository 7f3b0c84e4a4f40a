import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HelperRequest } from '../../../shared/contract/helper.ts';
import type { MountPlan } from '../../../shared/contract/mount-values.ts';

const demo = fileURLToPath(new URL('../../../assets/demo/', import.meta.url));

/** A folder with an image, its store, and an empty folder to mount on; all is unmounted and removed at the end. */
export class MountLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'composcope-mount-'));
  readonly image = join(this.folder, 'image.cfs');
  readonly store = join(this.folder, 'objects');
  readonly at = join(this.folder, 'at');

  constructor() {
    copyFileSync(join(demo, 'demo.cfs'), this.image);
    cpSync(join(demo, 'objects'), this.store, { recursive: true });
    mkdirSync(this.at);
  }

  plan(change: Partial<MountPlan> = {}): MountPlan {
    return {
      kind: 'overlay',
      layers: [{ type: 'image', path: this.image }],
      stores: [this.store],
      verity: 'off',
      at: { directory: this.at },
      allow: { suid: false, dev: false, exec: true },
      ...change,
    };
  }

  request(change: Partial<MountPlan> = {}): Extract<HelperRequest, { verb: 'mount' }> {
    const plan = this.plan(change);
    const { layers, stores } = plan;
    return { verb: 'mount', plan: { ...plan, layers: [...layers], stores: [...stores] }, acl: layers.map(() => true) };
  }

  /** A new empty folder. */
  make(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  unmount(path = this.at): void {
    spawnSync('umount', ['-l', path]);
  }

  close(): void {
    const below = spawnSync('findmnt', ['-rno', 'TARGET'], { encoding: 'utf8' }).stdout.split('\n');
    for (const path of below.toReversed()) if (path.startsWith(`${this.folder}/`)) this.unmount(unescape(path));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const unescape = (path: string): string =>
  path.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
