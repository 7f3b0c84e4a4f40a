import type { PublicationVerdict } from '../../shared/contract/publish-values.ts';

const are = (count: number, one: string, many: string): string => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** What a check says of signatures and sources: whole sentences. */
export function verdictWords({ signatures, compared, faults }: PublicationVerdict): readonly string[] {
  const words: string[] = [];
  const isWrong = (part: string): boolean => faults.some((fault) => fault.part === part);
  const { there, checked } = signatures;
  if (there === 0) words.push('Nothing is signed.');
  else if (checked === 0)
    words.push(`${are(there, 'signature was', 'signatures were')} not checked: no certificate was chosen.`);
  else if (!isWrong('signature')) words.push(`${are(checked, 'signature is', 'signatures are')} good.`);
  if (compared === undefined) words.push('It was not compared with a source.');
  else if (!isWrong('source'))
    words.push(`${are(compared, 'image is what its source gives', 'images are what their sources give')}.`);
  return words;
}
