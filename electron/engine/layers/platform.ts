/** A platform as OCI has it. */
export interface Platform {
  readonly os?: string | undefined;
  readonly architecture?: string | undefined;
  readonly variant?: string | undefined;
}

const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};
/** What an architecture without a variant means, so that both ways to say it are one. */
const variants: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8', arm: 'v7' };

/** The Linux of this machine, whatever runs on it. @param arch as Node says it */
export const localPlatform = (arch: string): string => `linux/${architectures[arch] ?? arch}`;

/** `linux/arm64/v8`; undefined where nothing is known. */
export function platformText({ os, architecture, variant }: Platform): string | undefined {
  if (architecture === undefined || architecture === '') return undefined;
  return [os ?? 'linux', architecture, variant ?? ''].filter((part) => part !== '').join('/');
}

/** `linux/arm64/v8`, `linux/arm64` or `arm64`, to its parts. */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/');
  const [os, architecture, variant] = parts.length === 1 ? ['linux', ...parts] : parts;
  return { os, architecture, variant };
}

/** 2: it is the one; 1: it is, but for a variant that nobody asked for; 0: it is another. */
export function matchPlatform(wanted: Platform, found: Platform): 0 | 1 | 2 {
  if (wanted.architecture !== found.architecture || (wanted.os ?? 'linux') !== (found.os ?? 'linux')) return 0;
  const usual = variants[found.architecture ?? ''];
  if ((wanted.variant ?? usual) === (found.variant ?? usual)) return 2;
  return wanted.variant === undefined ? 1 : 0;
}
