import { scaleTable, writeScalePage } from './page.ts';

/** `npm run scale`: which limit of AWS binds first, by a model. Prints the table and puts it into docs/scale.md. */
const shown = scaleTable();
writeScalePage(shown);
console.log(shown);
