import { ActionIcon, Kbd, Menu, Modal, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { NavLink, useNavigate } from 'react-router';
import { api } from '../api/client';
import { isReaderUtc, readerZone } from '../format';
import { useMessages } from '../i18n';
import { useLive } from '../live';
import { usePreferences } from '../preferences';
import { useMe } from '../session';
import { Icon, type IconName } from './icons';

const views: readonly { path: string; key: 'now' | 'sessions' | 'users' | 'hosts' | 'concurrency' | 'exports' | 'health'; icon: IconName; letter: string; needs: string }[] = [
  { path: '/now', key: 'now', icon: 'now', letter: 'n', needs: 'read-sessions' },
  { path: '/sessions', key: 'sessions', icon: 'sessions', letter: 's', needs: 'read-sessions' },
  { path: '/users', key: 'users', icon: 'user', letter: 'u', needs: 'read-users' },
  { path: '/hosts', key: 'hosts', icon: 'host', letter: 'h', needs: 'read-hosts' },
  { path: '/concurrency', key: 'concurrency', icon: 'chart', letter: 'c', needs: 'read-sessions' },
  { path: '/exports', key: 'exports', icon: 'export', letter: 'e', needs: 'read-exports' },
  { path: '/health', key: 'health', icon: 'health', letter: 'l', needs: 'read-hosts' },
];

export function Shell({ children }: { children: ReactNode }) {
  const t = useMessages();
  const me = useMe();
  const [areKeysShown, setAreKeysShown] = useState(false);
  useGlobalKeys(() => setAreKeysShown(true));
  return (
    <div className="shell">
      <a className="skip" href="#content">{t.shell.skip}</a>
      <aside className="side">
        <div className="brand"><Icon name="mark" /> <span>{t.appTitle}</span></div>
        <nav aria-label={t.nav.label}>
          {views.filter((view) => me.permissions.includes(view.needs)).map((view) => (
            <NavLink key={view.path} to={view.path} className="nav" aria-keyshortcuts={`g ${view.letter}`}>
              <Icon name={view.icon} /> <span>{t.nav[view.key]}</span>
            </NavLink>
          ))}
        </nav>
        <div className="side-foot">
          <LiveSign />
          <span className="side-zone">{isReaderUtc ? t.common.zoneUtc : t.common.zone(readerZone)}</span>
          <Account showKeys={() => setAreKeysShown(true)} />
        </div>
      </aside>
      <main id="content" className="content" tabIndex={-1}>{children}</main>
      <KeysModal opened={areKeysShown} close={() => setAreKeysShown(false)} />
    </div>
  );
}

function LiveSign() {
  const t = useMessages();
  const { how } = useLive();
  const [word, title] = { live: [t.shell.live, t.shell.liveTitle], polling: [t.shell.polling, t.shell.pollingTitle], paused: [t.shell.paused, t.shell.pausedTitle] }[how];
  return (
    <Tooltip label={title} multiline w={240} position="right">
      <span className="dotted live" data-live={how}><i className={`dot dot-${how}`} aria-hidden="true" />{word}</span>
    </Tooltip>
  );
}

function Account({ showKeys }: { showKeys: () => void }) {
  const t = useMessages();
  const me = useMe();
  const { preferences, change } = usePreferences();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div className="account">
      <Menu position="top-start" width={220}>
        <Menu.Target>
          <button type="button" className="account-name" aria-label={`${t.shell.account}: ${me.name}`}><Icon name="user" /> <span dir="auto">{me.name}</span></button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t.shell.language}</Menu.Label>
          <Menu.Item onClick={() => change({ language: 'en' })} lang="en">English{preferences.language === 'en' ? ' ✓' : ''}</Menu.Item>
          <Menu.Item onClick={() => change({ language: 'zh' })} lang="zh-CN">简体中文{preferences.language === 'zh' ? ' ✓' : ''}</Menu.Item>
          <Menu.Label>{t.shell.scheme}</Menu.Label>
          {(['light', 'dark', 'auto'] as const).map((scheme) => (
            <Menu.Item key={scheme} onClick={() => setColorScheme(scheme)}>
              {t.shell.schemes[scheme]}{colorScheme === scheme ? ' ✓' : ''}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => void signOut()}>{t.shell.signOut}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={`${t.shell.keys} (?)`}>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t.shell.keys} onClick={showKeys}><Icon name="keys" /></ActionIcon>
      </Tooltip>
    </div>
  );
}

/** The page begins anew, so that nothing read before is left in memory. A sign-in that is over already needs no ending. */
async function signOut(): Promise<void> {
  await api.POST('/api/v1/signout').catch(() => undefined);
  window.location.assign('/');
}

function KeysModal({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useMessages();
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['g'], `${t.keys.go}: ${t.keys.letters}`], [['/'], t.keys.filter], [['↑', '↓', 'j', 'k'], t.keys.rows], [['Enter'], t.keys.open],
    [['→', '←'], t.keys.cells], [['Home', 'End'], t.keys.ends], [['+', '-'], t.keys.zoom], [['?'], t.keys.help], [['Esc'], t.keys.close],
  ];
  return (
    <Modal opened={opened} onClose={close} title={t.keys.title} closeButtonProps={{ 'aria-label': t.common.close }}>
      <dl className="keys">
        {rows.map(([keys, what]) => <div key={what}><dt>{keys.map((key) => <Kbd key={key}>{key}</Kbd>)}</dt><dd>{what}</dd></div>)}
      </dl>
    </Modal>
  );
}

/** g and a letter go to a view, ? explains. Keys typed into a field are text. */
function useGlobalKeys(help: () => void) {
  const navigate = useNavigate();
  const pending = useRef(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, textarea, select, [role="dialog"], [role="menu"]')) return;
      const view = pending.current ? views.find((one) => one.letter === event.key) : undefined;
      pending.current = event.key === 'g';
      if (view) {
        event.preventDefault();
        event.stopPropagation();
        void navigate(view.path);
      } else if (event.key === '?') {
        help();
      }
    };
    window.addEventListener('keydown', listen, { capture: true });
    return () => window.removeEventListener('keydown', listen, { capture: true });
  }, [navigate, help]);
}
