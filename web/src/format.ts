import type { Language } from './preferences';

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

const parts = (timeZone: string) =>
  new Intl.DateTimeFormat('en-CA', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
  });

const local = parts(zone);
const utc = parts('UTC');

export const readerZone = zone;
export const isReaderUtc = ['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT', 'Etc/UCT'].includes(zone);

interface Clock {
  readonly date: string;
  readonly time: string;
}

function clockOf(format: Intl.DateTimeFormat, instant: Date): Clock {
  const found: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
  for (const part of format.formatToParts(instant)) found[part.type] = part.value;
  return { date: `${found.year}-${found.month}-${found.day}`, time: `${found.hour}:${found.minute}:${found.second}` };
}

export const inReaderZone = (instant: Date): Clock => clockOf(local, instant);
export const inUtc = (instant: Date): Clock => clockOf(utc, instant);

/** `2026-03-03 14:07:00`, in the reader's zone. */
export function localText(at: string): string {
  const clock = inReaderZone(new Date(at));
  return `${clock.date} ${clock.time}`;
}

export function utcText(at: string): string {
  const clock = inUtc(new Date(at));
  return `${clock.date} ${clock.time}Z`;
}

/** With UTC beside it, where a line of text is all there is. */
export const bothText = (at: string): string => (isReaderUtc ? utcText(at) : `${localText(at)} (${utcText(at)})`);

/** The value of an `<input type="datetime-local">`, in the reader's zone. */
export function inputText(at: string | null | undefined): string {
  if (!at || Number.isNaN(Date.parse(at))) return '';
  const clock = inReaderZone(new Date(at));
  return `${clock.date}T${clock.time}`;
}

/** Null when there is no such time. */
export function fromInput(text: string): string | null {
  const instant = new Date(text);
  return text === '' || Number.isNaN(instant.getTime()) ? null : instant.toISOString();
}

const units: Record<Language, readonly [string, string, string, string, string]> = {
  en: [' d', ' h', ' min', ' s', ' ms'],
  zh: [' 天', ' 小时', ' 分', ' 秒', ' 毫秒'],
};

/** The two largest units, rounded down: 3 d 4 h, 12 min 5 s. */
export function durationText(ms: number, language: Language): string {
  const [d, h, min, s, small] = units[language];
  const sign = ms < 0 ? '−' : '';
  const total = Math.abs(ms);
  if (total < 1000) return `${sign}${Math.round(total)}${small}`;
  const seconds = Math.floor(total / 1000);
  const steps: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), d], [Math.floor(seconds / 3600) % 24, h], [Math.floor(seconds / 60) % 60, min], [seconds % 60, s],
  ];
  const first = steps.findIndex(([count]) => count > 0);
  return sign + steps.slice(first, first + 2).filter(([count], index) => index === 0 || count > 0).map(([count, unit]) => `${count}${unit}`).join(' ');
}

const whole = new Intl.NumberFormat('en-US');

export const countText = (count: number | string | null | undefined): string => (count == null ? '–' : whole.format(Number(count)));

export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const names = ['KiB', 'MiB', 'GiB', 'TiB'];
  let [value, step] = [bytes / 1024, 0];
  while (value >= 1024 && step < names.length - 1) [value, step] = [value / 1024, step + 1];
  return `${value.toFixed(value < 10 ? 1 : 0)} ${names[step]}`;
}
