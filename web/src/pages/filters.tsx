import { Button, Checkbox, Menu, NativeSelect, Popover, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { SessionFilter } from '../api/queries';
import { bothText, fromInput, inputText } from '../format';
import { useMessages, wordOf } from '../i18n';
import type { Messages } from '../i18n/en';
import { Icon } from '../ui/icons';

export type FilterName = Exclude<keyof Messages['filters'], 'order'>;

type Editor = 'text' | 'instant' | 'states' | 'choice';

/** In the order of the menu. The names are the API's own: the page's address is a question to the server as it stands. */
const editors: Record<FilterName, Editor> = {
  user: 'text', user_contains: 'text', host: 'text', host_group: 'text', state: 'states', active_at: 'instant', from: 'instant', to: 'instant', range: 'choice',
  client_ip: 'text', public_ip: 'text', client_contains: 'text', app_contains: 'text', kind: 'choice', protocol: 'text', failed_code: 'text',
  end_time_source: 'choice', open_longer_than: 'text', as_known_at: 'instant',
};

export const filterNames = Object.keys(editors) as FilterName[];

/** What the address asks for; what it says that is no filter is passed on, so that the server refuses it by name. */
export function filterOf(search: URLSearchParams): SessionFilter {
  const filter: SessionFilter = {};
  for (const name of new Set(search.keys())) {
    const values = search.getAll(name);
    filter[name] = name === 'state' ? values : values[0]!;
  }
  return filter;
}

interface FilterBarProps {
  readonly search: URLSearchParams;
  readonly change: (name: string, values: readonly string[]) => void;
}

export function FilterChips({ search, change }: FilterBarProps) {
  const active = [...new Set(search.keys())].filter((name) => name !== 'order');
  return (
    <>
      {active.map((name) => <Chip key={name} name={name} values={search.getAll(name)} change={(values) => change(name, values)} />)}
    </>
  );
}

function Chip({ name, values, change }: { name: string; values: readonly string[]; change: (values: readonly string[]) => void }) {
  const t = useMessages();
  const [isOpen, setIsOpen] = useState(false);
  const title = (t.filters as Record<string, string>)[name] ?? name;
  const isKnown = name in editors;
  const text = values.map((value) => textOf(name, value, t)).join(', ');
  return (
    <span className="chip" data-filter={name}>
      <Popover opened={isOpen} onChange={setIsOpen} trapFocus returnFocus position="bottom-start">
        <Popover.Target>
          <button type="button" className="chip-text" onClick={() => isKnown && setIsOpen(true)} aria-label={`${title} ${text}`}>
            <span className="chip-name">{title}</span> <b dir="auto">{text}</b>
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          {isKnown && <FilterEditor name={name as FilterName} values={values} apply={(next) => { setIsOpen(false); change(next); }} />}
        </Popover.Dropdown>
      </Popover>
      <button type="button" className="chip-remove" aria-label={t.errors.removeFilter(title)} onClick={() => change([])}><Icon name="close" /></button>
    </span>
  );
}

export function AddFilter({ search, change }: FilterBarProps) {
  const t = useMessages();
  const [adding, setAdding] = useState<FilterName | null>(null);
  const free = filterNames.filter((name) => !search.has(name));
  return (
    <Popover withRoles={false} opened={adding !== null} onChange={(opened) => !opened && setAdding(null)} trapFocus returnFocus position="bottom-start">
      <Popover.Target>
        <span>
          <Menu position="bottom-start" width={220}>
            <Menu.Target>
              <Button variant="default" leftSection={<Icon name="plus" />} data-add-filter aria-keyshortcuts="/">{t.sessions.addFilter}</Button>
            </Menu.Target>
            <Menu.Dropdown className="menu-tall">
              {free.map((name) => <Menu.Item key={name} onClick={() => setTimeout(() => setAdding(name))}>{t.filters[name]}</Menu.Item>)}
            </Menu.Dropdown>
          </Menu>
        </span>
      </Popover.Target>
      <Popover.Dropdown>
        {adding && <FilterEditor name={adding} values={[]} apply={(values) => { change(adding, values); setAdding(null); }} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function FilterEditor({ name, values, apply }: { name: FilterName; values: readonly string[]; apply: (values: readonly string[]) => void }) {
  const t = useMessages();
  const editor = editors[name];
  const [text, setText] = useState(editor === 'instant' ? inputText(values[0]) : (values[0] ?? firstChoice(name)));
  const [states, setStates] = useState<readonly string[]>(values);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const one = editor === 'instant' ? fromInput(text) : text.trim();
    apply(editor === 'states' ? states : one ? [one] : []);
  };
  return (
    <form className="filter-form" onSubmit={submit}>
      {editor === 'states' ? (
        <Checkbox.Group label={t.filters.state} value={[...states]} onChange={setStates}>
          <div className="checks">{Object.entries(t.states).map(([state, word]) => <Checkbox key={state} value={state} label={word} />)}</div>
        </Checkbox.Group>
      ) : editor === 'choice' ? (
        <NativeSelect label={t.filters[name]} value={text} onChange={(event) => setText(event.currentTarget.value)} data={choices(name, t)} data-autofocus />
      ) : (
        <TextInput
          label={t.filters[name]} description={hintOf(name, t)} value={text} onChange={(event) => setText(event.currentTarget.value)} data-autofocus
          type={editor === 'instant' ? 'datetime-local' : 'text'} step={editor === 'instant' ? 1 : undefined} maxLength={256} spellCheck={false}
        />
      )}
      <Button type="submit">{t.sessions.apply}</Button>
    </form>
  );
}

const firstChoice = (name: FilterName) => ({ range: 'overlaps', kind: 'desktop', end_time_source: 'reported' } as Partial<Record<FilterName, string>>)[name] ?? '';

function choices(name: FilterName, t: Messages) {
  const words = name === 'range' ? t.ranges : name === 'kind' ? t.kinds : t.endSources;
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}

function hintOf(name: FilterName, t: Messages): string {
  const hints = t.filterHints;
  switch (name) {
    case 'user': return hints.user;
    case 'client_ip':
    case 'public_ip': return hints.address;
    case 'open_longer_than': return hints.duration;
    case 'from': return hints.from;
    case 'to': return hints.to;
    case 'as_known_at': return hints.as_known_at;
    case 'active_at': return t.sessions.whoWasOnHint;
    default: return name.endsWith('_contains') ? hints.contains : hints.text;
  }
}

function textOf(name: string, value: string, t: Messages): string {
  if (editors[name as FilterName] === 'instant' && !Number.isNaN(Date.parse(value))) return bothText(value);
  if (name === 'state') return wordOf(t.states, value);
  if (name === 'range') return wordOf(t.ranges, value);
  if (name === 'kind') return wordOf(t.kinds, value);
  return name === 'end_time_source' ? wordOf(t.endSources, value) : value;
}
