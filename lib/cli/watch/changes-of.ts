import { statSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** Yields with each change of a file, or of what a folder has, until `signal`. A change while nobody asks is not missed. */
export async function* changesOf(place: string, signal: AbortSignal): AsyncGenerator<void, void, undefined> {
  const isFolder = statSync(place).isDirectory();
  // Not the file itself: editors put a new one in its place.
  const events = watch(isFolder ? place : dirname(place), { recursive: isFolder, signal });
  try {
    for await (const { filename } of events) {
      if (isFolder || filename === null || filename === basename(place)) yield;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
