/** How the load is spread over tenants. */
export type Spread = 'even' | 'zipf' | 'one hot';

export const tenantCount = 200;

/** Of all instances, in `one hot`. */
const shareOfTheHotOne = 0.5;

/** The share of each tenant; together they make 1. */
export function sharesOf(spread: Spread): readonly number[] {
  switch (spread) {
    case 'even':
      return Array.from({ length: tenantCount }, () => 1 / tenantCount);
    case 'zipf': {
      const weights = Array.from({ length: tenantCount }, (_, index) => 1 / (index + 1));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight) => weight / sum);
    }
    case 'one hot':
      return Array.from({ length: tenantCount }, (_, index) =>
        index === 0 ? shareOfTheHotOne : (1 - shareOfTheHotOne) / (tenantCount - 1),
      );
  }
}

export const tenantId = (index: number): string => `tenant-${index}`;
