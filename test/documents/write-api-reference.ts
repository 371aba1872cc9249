/** Writes `docs/api-reference.md`: `npm run docs:api`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiReference } from './api-reference.ts';
import { ROOT } from './documents.ts';

writeFileSync(join(ROOT, 'docs/api-reference.md'), apiReference());
