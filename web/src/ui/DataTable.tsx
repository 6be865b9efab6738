import { columnVisibilityFeature, createColumnHelper, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useMessages } from '../i18n';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  /** In pixels; the columns share what is left over. */
  readonly width: number;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  /** Null shows all columns. */
  readonly visible?: readonly string[] | null;
  readonly rowId: (row: Row) => string;
  /** Where a row leads; null leads nowhere. */
  readonly rowPath: ((row: Row) => string) | null;
  /** Of all rows, loaded or not; null when nobody counted. */
  readonly count?: number | null;
  /** The rows are those of the question before; the answer to this one is under way. */
  readonly isBusy?: boolean;
  readonly hasMore?: boolean;
  readonly isLoadingMore?: boolean;
  readonly loadMore?: () => void;
}

const rowHeight = 30;
const loadAheadRows = 60;
const features = tableFeatures({ columnVisibilityFeature });

/** A grid that draws the rows in sight and no others, however many there are, and is walked through with the arrow keys. */
export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { rows, columns, visible, count, hasMore, isLoadingMore, loadMore } = props;
  const t = useMessages();
  const table = useColumns(columns, rows, visible ?? null);
  const shown = table.getVisibleLeafColumns().map((column) => columns.find((one) => one.id === column.id)!);
  const template = shown.map((column) => `minmax(${column.width}px, ${column.width}fr)`).join(' ');
  const width = shown.reduce((sum, column) => sum + column.width, 0);

  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !isLoadingMore && last >= rows.length - loadAheadRows) loadMore?.();
  }, [hasMore, isLoadingMore, last, rows.length, loadMore]);

  const keys = useRowKeys(props, (index) => virtual.scrollToIndex(index));
  return (
    <div
      className="grid" role="grid" aria-label={props.label} aria-busy={props.isBusy ?? false} aria-rowcount={(count ?? rows.length) + 1} aria-colcount={shown.length}
      ref={scroller} tabIndex={0} onKeyDown={keys.onKeyDown} aria-activedescendant={keys.activeId(keys.active)}
    >
      <div className="grid-inner" role="presentation" style={{ minWidth: width }}>
        <div className="grid-head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
          {shown.map((column) => <div key={column.id} role="columnheader" className={column.isNumber ? 'cell cell-number' : 'cell'}>{column.title}</div>)}
        </div>
        <div className="grid-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]!;
            return (
              <div
                key={props.rowId(row)} id={keys.activeId(item.index)} role="row" aria-rowindex={item.index + 2}
                className={item.index === keys.active ? 'grid-row grid-row-active' : 'grid-row'}
                style={{ gridTemplateColumns: template, height: item.size, transform: `translateY(${item.start}px)` }}
                onClick={() => keys.setActive(item.index)} onDoubleClick={() => keys.open(item.index)}
              >
                {shown.map((column) => (
                  <div key={column.id} role="gridcell" className={column.isNumber ? 'cell cell-number' : 'cell'}>{column.cell(row)}</div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
      {isLoadingMore && <p className="grid-more" aria-live="polite">{t.common.loadingMore}</p>}
    </div>
  );
}

function useColumns<Row extends object>(columns: readonly Column<Row>[], rows: readonly Row[], visible: readonly string[] | null) {
  const defs = useMemo(() => {
    const helper = createColumnHelper<typeof features, Row>();
    return columns.map((column) => helper.display({ id: column.id, header: column.title }));
  }, [columns]);
  const columnVisibility = useMemo(
    () => Object.fromEntries(columns.map((column) => [column.id, visible === null || visible.includes(column.id)])),
    [columns, visible],
  );
  return useTable({ features, columns: defs, data: rows as Row[], state: { columnVisibility } });
}

function useRowKeys<Row>(props: DataTableProps<Row>, scrollTo: (index: number) => void) {
  const [active, setActive] = useState(-1);
  const prefix = useId();
  const navigate = useNavigate();
  const { rows, rowPath } = props;

  const open = (index: number) => {
    const row = rows[index];
    if (row && rowPath) void navigate(rowPath(row));
  };
  const move = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setActive(next);
    scrollTo(next);
  };
  const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 15, PageUp: -15 };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || rows.length === 0) return;
    if (moveWithinRow(event)) return event.preventDefault();
    if (event.target !== event.currentTarget) return;
    const step = steps[event.key];
    if (step !== undefined) move(active + step);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(rows.length - 1);
    else if (event.key === 'Enter' && active >= 0) open(active);
    else return;
    event.preventDefault();
  };
  const activeId = (index: number) => (index < 0 ? undefined : `${prefix}${index}`);
  return { active, setActive, open, onKeyDown, activeId };
}

/** The arrows go through what can have the focus in the active row, and Escape goes back to the rows; whether the key was one of these. */
function moveWithinRow(event: KeyboardEvent): boolean {
  const [grid, at] = [event.currentTarget as HTMLElement, event.target as HTMLElement];
  const step = ({ ArrowRight: 1, ArrowLeft: -1, Escape: 0 } as Record<string, number>)[event.key];
  const row = at === grid ? grid.querySelector('.grid-row-active') : at.closest('.grid-row');
  if (step === undefined || !row || (at === grid && step <= 0)) return false;
  const stops = [...row.querySelectorAll<HTMLElement>('a[href], button, [tabindex="0"]')];
  const next = step === 0 ? undefined : stops[stops.indexOf(at) + step];
  (next ?? (step > 0 ? at : grid)).focus();
  event.stopPropagation();
  return true;
}
