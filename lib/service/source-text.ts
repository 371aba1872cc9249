import type { SourcePlace } from '../ports/turn-messages.ts';
import { sourceMapName } from './bundle-files.ts';
import type { Dependencies } from './dependencies.ts';

const MAX_CHARS = 300;

/** A place together with its line of the tenant's source, where the version's source map has it. */
export const placeWithText = async (
  blobs: Pick<Dependencies['blobs'], 'get'>,
  { tenant, version, place }: { readonly tenant: string; readonly version: string; readonly place: SourcePlace },
): Promise<SourcePlace & { readonly text?: string }> => {
  const bytes = await blobs.get(sourceMapName(tenant, version));
  if (bytes === undefined) return place;
  // Made by the compiler, together with the code.
  const map = JSON.parse(new TextDecoder().decode(bytes)) as {
    readonly sources?: readonly string[];
    readonly sourcesContent?: readonly (string | null)[];
  };
  const source = map.sourcesContent?.[map.sources?.indexOf(place.file) ?? -1];
  const line = source?.split('\n')[place.line - 1];
  return line === undefined ? place : { ...place, text: line.slice(0, MAX_CHARS) };
};
