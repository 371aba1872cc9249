import { useState } from 'preact/hooks';
import { CopyButton } from './copy-button.tsx';
import { shapeOf, summaryOf, type ValueEntry, type ValueShape } from './value-shape.ts';

/** A value of a tenant's, opened level by level. */
export const ValueTree = ({ value, label }: { readonly value: unknown; readonly label: string }) => (
  <figure class="value" aria-label={label}>
    <CopyButton text={() => JSON.stringify(value, null, 2) ?? 'undefined'} label="Copy JSON" />
    <div class="value-root">
      <Node value={value} depth={0} />
    </div>
  </figure>
);

interface NodeProps {
  readonly name?: string;
  readonly value: unknown;
  readonly depth: number;
}

/** So deep, and so wide, it is open at first. */
const OPEN_DEPTH = 2;
const OPEN_ENTRIES = 20;

const Node = ({ name, value, depth }: NodeProps) => {
  const shape = shapeOf(value);
  if (shape.kind === 'plain' || shape.kind === 'typed' || shape.entries.length === 0) {
    return (
      <div class="value-leaf">
        <Name name={name} />
        <Leaf shape={shape} />
      </div>
    );
  }
  return <Branch {...(name !== undefined && { name })} shape={shape} depth={depth} />;
};

const Name = ({ name }: { readonly name?: string | undefined }) =>
  name === undefined ? null : <span class="value-name">{name}: </span>;

const LONG_TEXT = 400;

const Leaf = ({ shape }: { readonly shape: ValueShape }) => {
  const [isWhole, setWhole] = useState(false);
  if (shape.kind === 'typed') {
    return (
      <>
        <span class="value-type">{shape.type}</span> <span data-type={shape.type}>{shape.text}</span>
      </>
    );
  }
  const text = summaryOf(shape);
  const type = shape.kind === 'plain' ? shape.type : shape.kind;
  if (isWhole || text.length <= LONG_TEXT) return <span data-type={type}>{text}</span>;
  return (
    <>
      <span data-type={type}>{text.slice(0, LONG_TEXT)}…</span>{' '}
      <button type="button" class="small" onClick={() => setWhole(true)}>
        Show all {text.length.toLocaleString()} characters
      </button>
    </>
  );
};

interface BranchProps {
  readonly name?: string;
  readonly shape: Extract<ValueShape, { readonly entries: readonly ValueEntry[] }>;
  readonly depth: number;
}

const ENTRIES_AT_ONCE = 100;

const Branch = ({ name, shape, depth }: BranchProps) => {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH && shape.entries.length <= OPEN_ENTRIES);
  const [shown, setShown] = useState(ENTRIES_AT_ONCE);
  const left = shape.entries.length - shown;
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <Name name={name} />
        <span class="value-type">{isOpen ? shape.type : summaryOf(shape)}</span>
      </summary>
      {isOpen && (
        <ul>
          {shape.entries.slice(0, shown).map((entry, at) => (
            <li key={`${at}:${entry.name}`}>
              <Node name={entry.name} value={entry.value} depth={depth + 1} />
            </li>
          ))}
          {left > 0 && (
            <li>
              <button type="button" class="small" onClick={() => setShown(shown + ENTRIES_AT_ONCE * 10)}>
                {left.toLocaleString()} more
              </button>
            </li>
          )}
        </ul>
      )}
    </details>
  );
};
