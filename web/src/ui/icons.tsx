const paths = {
  mark: 'M4 4h9M4 9h14M4 14h7M16 4.01h.01',
  now: 'M2 10h4l2.5-6 4 12 2.5-6H18',
  sessions: 'M3 5h14M3 10h14M3 15h14',
  user: 'M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.8 16.6c.6-3 3-4.6 6.2-4.6s5.600 1.600 6.200 4.600',
  host: 'M3 4h14v9H3zM7 17h6M10 13v4',
  chart: 'M3 17V3M3 17h14M6 13l3.500-5 3 3L17 5',
  export: 'M10 3v9M6.500 8.800 10 12.300l3.500-3.500M4 16h12',
  health: 'M10 16.500S3 12.600 3 7.800A3.700 3.700 0 0 1 10 6.100a3.700 3.700 0 0 1 7 1.700c0 4.800-7 8.700-7 8.700Z',
  keys: 'M2.500 6h15v8.500h-15zM5.500 9h.01M8.500 9h.01M11.500 9h.01M14.500 9h.01M7 12h6',
  close: 'M5.500 5.500l9 9M14.500 5.500l-9 9',
  plus: 'M10 4v12M4 10h12',
  columns: 'M3.500 4h13v12h-13zM8 4v12M12.500 4v12',
  link: 'M8.500 11.500l3-3M7 9l-2 2a2.800 2.800 0 0 0 4 4l2-2M13 11l2-2a2.800 2.800 0 0 0-4-4L9 7',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4l2.800 1.600',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return <svg className="icon" viewBox="0 0 20 20" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={paths[name]} /></svg>;
}
