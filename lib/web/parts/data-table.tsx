import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly title: string;
  /** `select` and `actions` stand at the ends of a row, without a title that is seen. */
  readonly kind?: 'number' | 'select' | 'actions';
  /** The column that names its row. */
  readonly isName?: true;
  readonly cell: (row: Row) => ComponentChildren;
  /** In place of the title. */
  readonly head?: ComponentChildren;
}

interface DataTableProps<Row> {
  /** What the table tells, for those who do not see what stands around it. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly isSelected?: (row: Row) => boolean;
}

/** Rows become cards where they do not fit beside one another. */
export const DataTable = <Row,>({ caption, columns, rows, keyOf, isSelected }: DataTableProps<Row>) => (
  <div class="table">
    <table class="cards">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ title, kind, head }) => (
            <th key={title} scope="col" data-kind={kind}>
              {head ?? (kind === 'actions' ? <span class="unseen">{title}</span> : title)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} data-selected={isSelected?.(row)}>
            {columns.map(({ title, kind, isName, cell }) =>
              isName === true ? (
                <th key={title} scope="row" data-title={title}>
                  {wrapped(cell(row))}
                </th>
              ) : (
                <td key={title} data-kind={kind} data-title={title}>
                  {wrapped(cell(row))}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** One box a cell, so that a card has two columns whatever the cell holds. */
const wrapped = (content: ComponentChildren) => <div>{content}</div>;
