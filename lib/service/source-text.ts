import type { SourcePlace } from '../ports/turn-messages.ts';
import { sourceMapName } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';

const MAX_CHARS = 300;

/** A place together with its line of the tenant's source, where the version's source map has it. */
export const placeWithText = async (
  blobs: Pick<Dependencies['blobs'], 'get'>,
  { tenant, version, place }: { readonly tenant: string; readonly version: string; readonly place: SourcePlace },
): Promise<SourcePlace & { readonly text?: string }> => {
  const line = (await readSourceTexts(blobs, tenant, version))?.get(place.file)?.split('\n')[place.line - 1];
  return line === undefined ? place : { ...place, text: line.slice(0, MAX_CHARS) };
};

/** The modules of an upload by name, out of the source map, where there is one. */
export const readSourceTexts = async (
  blobs: Pick<Dependencies['blobs'], 'get'>,
  tenant: string,
  version: string,
): Promise<ReadonlyMap<string, string> | undefined> => {
  const bytes = await blobs.get(sourceMapName(tenant, version));
  if (bytes === undefined) return undefined;
  // Made by the compiler, together with the code.
  const { sources = [], sourcesContent = [] } = JSON.parse(new TextDecoder().decode(bytes)) as {
    readonly sources?: readonly string[];
    readonly sourcesContent?: readonly (string | null)[];
  };
  const texts = new Map<string, string>();
  for (const [index, name] of sources.entries()) {
    const text = sourcesContent[index];
    // What the guest gives has no text.
    if (typeof text === 'string') texts.set(name, text);
  }
  return texts;
};
