import type { Units } from '../../../client/operations.ts';
import { lengthText, sizeText } from '../../../client/wording.ts';
import type { Column } from '../../parts/data-table.tsx';
import { moneyText } from '../../text/wording.ts';

interface Charge {
  readonly units: Units;
  readonly price: number;
}

const counted = (count: number): string => count.toLocaleString('en');

/** Each unit that is charged, and the price of them. */
export const chargeColumns = (currency: string): readonly Column<Charge>[] => [
  { title: 'Instances', kind: 'number', cell: ({ units }) => counted(units.instances) },
  { title: 'Steps', kind: 'number', cell: ({ units }) => counted(units.steps) },
  { title: 'CPU', kind: 'number', cell: ({ units }) => lengthText(units.cpuMs) },
  { title: 'Stored', kind: 'number', cell: ({ units }) => sizeText(units.bytes) },
  { title: 'Requests', kind: 'number', cell: ({ units }) => counted(units.requests) },
  { title: 'Price', kind: 'number', cell: ({ price }) => moneyText(price, currency) },
];
