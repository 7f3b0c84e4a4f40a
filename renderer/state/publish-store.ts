import { create } from 'zustand';
import type { PublicationSources, PublicationVerdict, PublishOutcome } from '../../shared/contract/publish-values.ts';
import type { WireError } from '../../shared/contract/values.ts';
import { useWorkspace } from './workspace.ts';

/** How the last run goes, or went. */
export type PublishRun =
  | { readonly status: 'idle' }
  | { readonly status: 'running'; readonly folder: string }
  | { readonly status: 'ended'; readonly folder: string; readonly outcome: PublishOutcome }
  | { readonly status: 'failed'; readonly folder: string; readonly error: WireError };

/** How the last check of the publication that is shown goes, or went. */
export type PublicationCheck =
  | { readonly status: 'idle' }
  | { readonly status: 'running' }
  | { readonly status: 'ended'; readonly verdict: PublicationVerdict }
  | { readonly status: 'failed'; readonly error: WireError };

interface PublishStore {
  /** Image files. */
  readonly images: readonly string[];
  /** The lowest first: an image of each, and one of all. */
  readonly layers: readonly string[];
  readonly folder: string | undefined;
  readonly key: string | undefined;
  readonly certificate: string | undefined;
  /** The key is encrypted: what to say beside the field for its passphrase. That itself is kept nowhere. */
  readonly asksPassphrase: string | undefined;
  readonly checkContent: boolean;
  /** Rises when the sources must be looked through again. */
  readonly looks: number;
  readonly run: PublishRun;
  /** Folder of the publication that is shown. */
  readonly shown: string | undefined;
  /** Rises when what is shown may have changed. */
  readonly version: number;
  /** What its signatures are held against. */
  readonly certificates: readonly string[];
  /** The check makes the images anew from the sources. */
  readonly compares: boolean;
  readonly check: PublicationCheck;
  /** The tab of the view. */
  readonly tab: CreateTab;
}

/** Tabs of the Create view. */
export const createTabs = ['image', 'publish'] as const;
export type CreateTab = (typeof createTabs)[number];

export const usePublish = create<PublishStore>(() => ({
  images: [],
  layers: [],
  folder: undefined,
  key: undefined,
  certificate: undefined,
  asksPassphrase: undefined,
  checkContent: false,
  looks: 0,
  run: { status: 'idle' },
  shown: undefined,
  version: 0,
  certificates: [],
  compares: true,
  check: { status: 'idle' },
  tab: 'image',
}));

/** As calls want it. */
export const sourcesOf = ({ images, layers }: Pick<PublishStore, 'images' | 'layers'>): PublicationSources => ({
  images: [...images],
  layers: [...layers],
});

/** Shows a publication: its images, what of it must be fetched, and whether it is right. */
export function showPublication(folder: string): void {
  useWorkspace.setState({ activity: 'create' });
  usePublish.setState(({ version, shown, certificates, run }) => ({
    shown: folder,
    version: version + 1,
    certificates: shown === folder ? certificates : [],
    check: { status: 'idle' },
    // what is said of a run is of the folder that it wrote to, as are the sources
    run: run.status !== 'running' && run.status !== 'idle' && run.folder !== folder ? { status: 'idle' } : run,
    compares: false,
    tab: 'publish',
  }));
}
