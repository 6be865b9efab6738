import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import type { Series } from '../api/types';
import { bothText, inReaderZone } from '../format';
import { useMessages } from '../i18n';

/** Seconds since 1970, then least, mean and most of each bucket. */
export type ChartData = readonly [readonly number[], readonly number[], readonly number[], readonly number[]];

export function seriesOf(series: Series): ChartData {
  return [
    series.buckets.map((bucket) => Date.parse(bucket.start) / 1000),
    series.buckets.map((bucket) => bucket.minimum),
    series.buckets.map((bucket) => bucket.mean),
    series.buckets.map((bucket) => bucket.maximum),
  ];
}

const daySeconds = 24 * 3600;

interface ChartProps {
  readonly series: ChartData;
  readonly label: string;
  readonly height: number;
  /** A mark at this second: the exact peak. */
  readonly mark?: number | undefined;
  /** Called with the seconds that were dragged over, and with null to see everything again. */
  readonly zoom?: (span: readonly [number, number] | null) => void;
  /** What the keys do while the chart has the focus; without it, it never has. */
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

const inks = {
  light: { text: '#4a5560', grid: '#e3e7eb', line: '#2d608f', band: 'rgba(45, 96, 143, 0.16)', mean: '#6f99c0', mark: '#b4531f' },
  dark: { text: '#a9b4c0', grid: '#2c343d', line: '#93b2cf', band: 'rgba(147, 178, 207, 0.18)', mean: '#5d86ad', mark: '#f0a06c' },
};

/** Times on the axis are the reader's. */
export function Chart({ series, label, height, mark, zoom, onKeyDown }: ChartProps) {
  const t = useMessages();
  const scheme = useComputedColorScheme('light');
  const place = useRef<HTMLDivElement>(null);
  const zoomTo = useRef(zoom);
  zoomTo.current = zoom;

  useEffect(() => {
    const element = place.current!;
    const ink = inks[scheme];
    const axis = { stroke: ink.text, grid: { stroke: ink.grid, width: 1 }, ticks: { stroke: ink.grid, width: 1 }, font: '11px system-ui' };
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        padding: [10, 8, 0, 0],
        cursor: { drag: { x: zoomTo.current !== undefined, y: false, setScale: false }, points: { size: 6 } },
        legend: { live: true },
        scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(high * 1.08, 4)] } },
        axes: [{ ...axis, values: timesOf }, { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000] }],
        series: [
          { label: t.concurrency.from, value: (_, seconds) => (seconds === null ? '–' : bothText(new Date(seconds * 1000).toISOString())) },
          { label: t.concurrency.least, stroke: 'transparent', points: { show: false } },
          { label: t.concurrency.mean, stroke: ink.mean, width: 1, dash: [3, 3], points: { show: false }, value: (_, value) => (value === null ? '–' : value.toFixed(1)) },
          { label: t.concurrency.most, stroke: ink.line, width: 1.5, points: { show: false } },
        ],
        bands: [{ series: [3, 1], fill: ink.band }],
        hooks: {
          setSelect: [(self) => {
            if (self.select.width > 4) zoomTo.current?.([self.posToVal(self.select.left, 'x'), self.posToVal(self.select.left + self.select.width, 'x')]);
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }],
          draw: [(self) => drawMark(self, mark, ink.mark)],
        },
      },
      series as unknown as uPlot.AlignedData,
      element,
    );
    const outward = () => zoomTo.current?.(null);
    plot.over.addEventListener('dblclick', outward);
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [series, scheme, height, mark, t]);

  const drawing = <div ref={place} className="chart" role="img" aria-label={label} />;
  return onKeyDown ? <div className="chart-keys" role="group" aria-label={label} aria-keyshortcuts="+ - ArrowLeft ArrowRight Escape" tabIndex={0} onKeyDown={onKeyDown}>{drawing}</div> : drawing;
}

/** Hours of the day, and the date where a day begins. */
function timesOf(_: uPlot, seconds: number[], __: number, ___: number, step: number): string[] {
  return seconds.map((at) => {
    const { date, time } = inReaderZone(new Date(at * 1000));
    return step >= daySeconds || time.startsWith('00:00') ? date.slice(5) : time.slice(0, 5);
  });
}

function drawMark(plot: uPlot, seconds: number | undefined, color: string) {
  if (seconds === undefined) return;
  const x = Math.round(plot.valToPos(seconds, 'x', true));
  plot.ctx.save();
  plot.ctx.strokeStyle = color;
  plot.ctx.lineWidth = 1.5 * devicePixelRatio;
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, plot.bbox.top);
  plot.ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
  plot.ctx.stroke();
  plot.ctx.restore();
}
