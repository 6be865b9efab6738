import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pictures } from './pictures.mjs';
import { questions } from './questions.mjs';
import { countOf, enter, settled, signIn, visit } from './visit.mjs';

/** A session begins and ends, and the page shows both without being loaded anew. */
async function seesNews(page, world, user) {
  await page.getByText('No session matches').waitFor();
  await page.evaluate(() => { window.isSamePage = true; });
  const host = `LIVE-${randomUUID()}`;
  await world.fleet.start(user, host);
  await page.locator('.grid-row').filter({ hasText: 'live-' }).waitFor();
  await world.fleet.send('ended', { host: { name: host }, os_session_id: '1', user, reason: 'logoff' }, 1);
  await page.locator('.grid-row').filter({ hasText: 'Ended' }).waitFor();
  assert.equal(await page.evaluate(() => window.isSamePage), true);
}

/** A change of somebody else's session every 300 ms, until it is stopped. */
function makeNoise(fleet) {
  const data = { host: { name: `NOISE-${randomUUID()}` }, user: `CORP\\noise-${randomUUID()}`, kind: 'desktop', protocol: 'RDP' };
  let [count, isOver] = [0, false];
  const work = (async () => {
    for (; !isOver; count++) {
      const session = { ...data, os_session_id: String(count >> 1) };
      await (count % 2 === 0 ? fleet.send('started', session, 20) : fleet.send('ended', { ...session, reason: 'logoff' }, 10));
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  const stop = () => {
    isOver = true;
    return work;
  };
  return { count: () => count, stop };
}

export const scenarios = {
  'every page in light and English': pictures('light', 'en'),
  'every page in dark and Chinese': pictures('dark', 'zh'),
  'every page in dark and English': pictures('dark', 'en'),
  'every page in light and Chinese': pictures('light', 'zh'),

  'signing in is refused in words and goes on where one wanted to': (world) =>
    visit(world, {}, async (page, context) => {
      await page.goto('/sessions?state=ended');
      await page.getByLabel('Name').fill(world.settings.operator);
      await page.locator('input[autocomplete="current-password"]').fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').filter({ hasText: 'The name or the password is wrong' }).waitFor();
      assert.deepEqual(await context.cookies(), []);
      await page.locator('input[autocomplete="current-password"]').fill(world.settings.password);
      await page.keyboard.press('Enter');
      await page.locator('.chip[data-filter=state]').filter({ hasText: 'Ended' }).waitFor();
      assert.match(page.url(), /\/sessions\?state=ended$/);
    }),

  'nothing is kept but the cookie and preferences': (world) =>
    visit(world, {}, async (page, context) => {
      await signIn(page, world);
      await page.getByRole('button', { name: /Account/ }).click();
      await page.getByRole('menuitem', { name: '简体中文' }).click();
      await page.getByRole('heading', { name: '当前' }).waitFor();
      const cookies = await context.cookies(`${world.settings.base}/api/v1/me`);
      assert.deepEqual(cookies.map(({ name, httpOnly, sameSite, expires }) => ({ name, httpOnly, sameSite, expires })), [{ name: 'rollcall_console', httpOnly: true, sameSite: 'Strict', expires: -1 }]);
      const kept = await page.evaluate(() => ({ local: Object.keys(localStorage), session: Object.keys(sessionStorage), seen: document.cookie }));
      assert.deepEqual(kept, { local: kept.local.filter((key) => /^(rollcall\.preferences|mantine-color-scheme-value)$/.test(key)), session: [], seen: '' });
      await page.reload();
      await page.getByRole('heading', { name: '当前' }).waitFor();
    }),

  'the page that shows the API works under a policy of its own': (world) =>
    visit(world, {}, async (page) => {
      const answer = await page.goto('/docs/index.html');
      assert.match(answer.headers()['content-security-policy'], /script-src 'self';/);
      await page.locator('.info .title').filter({ hasText: 'Rollcall native API' }).waitFor();
      await page.locator('.opblock').first().click();
      await page.getByText('Parameters').first().waitFor();
    }),

  'a filter is a chip and stands in the address': (world) =>
    visit(world, {}, async (page) => {
      const { host } = await world.fleet.one('state=active');
      await enter(page, world, '/sessions');
      const all = await countOf(page);
      await page.keyboard.press('/');
      await page.getByRole('menuitem', { name: 'Host is' }).click();
      await page.getByRole('textbox', { name: 'Host is' }).fill(host.name.toLowerCase());
      await page.keyboard.press('Enter');
      await page.locator('.chip[data-filter=host]').waitFor();
      await settled(page);
      const { count } = await world.fleet.ask(`/sessions?limit=1&host=${host.name}`);
      await page.locator(`[data-count="${count}"]`).waitFor();
      assert.ok(count > 0 && count < all);
      assert.match(page.url(), new RegExp(`/sessions\\?host=${host.name.toLowerCase()}$`));
      await page.getByRole('button', { name: 'Remove the filter “Host is”' }).click();
      await page.locator(`[data-count="${all}"]`).waitFor();
    }),

  'an address sent to a colleague shows the same rows': (world) =>
    visit(world, {}, async (page, context) => {
      await enter(page, world, '/sessions?state=failed&range=starts_in');
      const mine = await page.locator('.grid-row').allInnerTexts();
      const colleague = await context.newPage();
      await colleague.goto(page.url());
      await settled(colleague);
      await colleague.locator('.grid-row').first().waitFor();
      assert.ok(mine.length > 5);
      assert.deepEqual(await colleague.locator('.grid-row').allInnerTexts(), mine);
      assert.equal(await colleague.locator('.chip').count(), 2);
    }),

  'a filter that the server does not take is named and can be removed': (world) =>
    visit(world, {}, async (page) => {
      await enter(page, world, '/sessions?usr=anna');
      await page.getByRole('alert').filter({ hasText: 'usr must be absent' }).waitFor();
      await page.getByRole('alert').getByRole('button', { name: /usr/ }).click();
      await page.locator('.grid-row').first().waitFor();
    }),

  'the table loads on as one scrolls and keeps few rows in the page': (world) =>
    visit(world, {}, async (page) => {
      await enter(page, world, '/sessions');
      const grid = page.getByRole('grid');
      const count = await countOf(page);
      assert.equal(await grid.getAttribute('aria-rowcount'), String(count + 1));
      for (const row of [190, 390]) {
        await grid.evaluate((element, index) => { element.scrollTop = index * 30; }, row);
        await page.locator(`[role=row][aria-rowindex="${row + 12}"]`).waitFor();
      }
      assert.ok((await page.locator('.grid-row').count()) < 80);
    }),

  'everything is reached by the keyboard': (world) =>
    visit(world, {}, async (page) => {
      await enter(page, world, '/now');
      await page.keyboard.press('g');
      await page.keyboard.press('s');
      await page.locator('.grid-row').first().waitFor();
      await page.getByRole('grid').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      const active = page.locator('.grid-row-active');
      assert.equal(await active.getAttribute('aria-rowindex'), '3');
      const user = (await active.getByRole('gridcell').first().innerText()).trim();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1 }).filter({ hasText: user }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    }),

  'news appears without loading the page anew': (world) =>
    visit(world, {}, async (page) => {
      const user = `CORP\\live-${randomUUID()}`;
      await enter(page, world, `/sessions?user=${encodeURIComponent(user)}`);
      // While it says so, nothing but the stream tells of news for a minute, which is longer than anything here waits.
      await page.locator('[data-live=live]').waitFor();
      await seesNews(page, world, user);
      assert.equal(await page.locator('[data-live=live]').count(), 1);
    }),

  'without a stream news appears all the same, some seconds later': (world) =>
    visit(world, {}, async (page) => {
      const user = `CORP\\live-${randomUUID()}`;
      await page.route('**/stream*', (route) => route.fulfill({ status: 503 }));
      await enter(page, world, `/sessions?user=${encodeURIComponent(user)}`);
      await page.locator('[data-live=polling]').waitFor();
      await seesNews(page, world, user);
    }),

  'an answer slower than the news appears all the same': (world) =>
    visit(world, {}, async (page) => {
      const user = `CORP\\slow-${randomUUID()}`;
      await enter(page, world, `/sessions?user=${encodeURIComponent(user)}`);
      await page.locator('[data-live=live]').waitFor();
      await page.route('**/sessions?*', async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 2000));
        await route.continue().catch(() => undefined); // the page called it off
      });
      const noise = makeNoise(world.fleet);
      try {
        await world.fleet.start(user, `LIVE-${randomUUID()}`);
        await page.locator('.grid-row').filter({ hasText: 'live-' }).waitFor();
        assert.ok(noise.count() > 1, 'changes came all the while');
      } finally {
        await noise.stop();
        await page.unrouteAll({ behavior: 'ignoreErrors' });
      }
    }),

  'whoever has scrolled on is told of news and goes to the first row when they ask for them': (world) =>
    visit(world, {}, async (page) => {
      await enter(page, world, '/sessions');
      await page.locator('[data-live=live]').waitFor();
      const [grid, count] = [page.getByRole('grid'), await countOf(page)];
      await grid.evaluate((element) => { element.scrollTop = 190 * 30; });
      await page.locator('[role=row][aria-rowindex="205"]').waitFor();
      const scrolled = await grid.evaluate((element) => element.scrollTop);
      await world.fleet.start(`CORP\\far-${randomUUID()}`, `FAR-${randomUUID()}`);
      const news = page.getByRole('button', { name: 'There is news' });
      await news.waitFor();
      assert.equal(await grid.evaluate((element) => element.scrollTop), scrolled);
      await news.click();
      await page.locator(`[data-count="${count + 1}"]`).waitFor();
      await page.locator('[role=row][aria-rowindex="2"]').waitFor();
      await news.waitFor({ state: 'detached' });
    }),

  'a page that comes back into sight catches up with what it missed': (world) =>
    visit(world, {}, async (page) => {
      const user = `CORP\\live-${randomUUID()}`;
      await enter(page, world, `/sessions?user=${encodeURIComponent(user)}`);
      await page.locator('[data-live=live]').waitFor();
      const show = (state) => page.evaluate((shown) => {
        Object.defineProperty(document, 'visibilityState', { value: shown, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
      await show('hidden');
      await page.locator('[data-live=paused]').waitFor();
      await world.fleet.start(user, `LIVE-${randomUUID()}`);
      const again = page.waitForRequest((request) => request.url().includes('/stream'));
      await show('visible');
      await again;
      await page.locator('.grid-row').filter({ hasText: 'live-' }).waitFor();
    }),

  'what is seen is what the exported file holds': (world) =>
    visit(world, {}, async (page) => {
      const { host } = await world.fleet.one('state=ended&order=start_time'); // one of the sample's hosts, with many sessions
      await enter(page, world, `/sessions?host=${host.name}&state=ended&order=start_time`);
      const count = await countOf(page);
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByLabel('Format').selectOption('csv');
      await page.getByLabel(/Add times/).uncheck();
      await page.getByRole('button', { name: 'Write the file' }).click();
      await page.locator('[data-export=finished]').waitFor();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
      const bytes = readFileSync(await download.path());
      const lines = bytes.toString('utf8').replace(/^\uFEFF/, '').trim().split('\r\n');
      assert.equal(lines.length, count + 1);
      assert.equal(lines[0], 'User,State,Host,Start (UTC),End (UTC),Duration (ms),Client name');
      const starts = lines.slice(1).map((line) => line.split(',')[3]);
      assert.ok(starts.length > 1);
      assert.deepEqual(starts, starts.toSorted());
      await page.getByRole('link', { name: 'All exports' }).click();
      const row = page.locator('tr[data-state=finished]').first();
      await row.getByRole('button', { name: 'Manifest' }).click();
      const manifest = page.getByRole('dialog').filter({ hasText: 'SHA-256' });
      await manifest.getByText(createHash('sha256').update(bytes).digest('hex')).waitFor();
      await page.keyboard.press('Escape');
      const id = await row.getAttribute('data-export');
      await row.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.locator(`tr[data-export="${id}"]`).waitFor({ state: 'detached' });
    }),

  'what the ledger knew once is seen and not exported, and the page says so': (world) =>
    visit(world, {}, async (page) => {
      const { host } = await world.fleet.one('state=ended&order=start_time'); // one of the sample's hosts, with many sessions
      await enter(page, world, `/sessions?host=${host.name}&as_known_at=${new Date().toISOString()}`);
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByText('Remove “As known at” to export').waitFor();
      assert.equal(await page.getByRole('button', { name: 'Write the file' }).isDisabled(), true);
    }),

  'a part of a page that could not be had is asked for again': (world) =>
    visit(world, {}, async (page) => {
      const { host } = await world.fleet.one('state=ended&order=start_time'); // one of the sample's hosts, with many sessions
      await page.route(/\/sessions\?.*from=/, (route) => route.fulfill({ status: 500 }));
      await enter(page, world, `/hosts/${host.name}`);
      const again = page.getByRole('button', { name: 'Try again' });
      await again.nth(2).waitFor();
      await page.unrouteAll();
      await again.first().click();
      await again.first().waitFor({ state: 'detached' });
    }),

  'a name with its domain finds its entry in the directory': (world) =>
    visit(world, {}, async (page) => {
      const name = `upn-${randomUUID()}`;
      await world.fleet.ask(`/users/${name}`, { method: 'PUT', body: JSON.stringify({ full_name: 'Uma Principal' }), headers: { 'Content-Type': 'application/json' } });
      await enter(page, world, `/users/${name}@corp.example`);
      await page.getByText('Uma Principal').waitFor();
    }),

  'a session is closed with a reason, and then corrected': (world) =>
    visit(world, {}, async (page) => {
      const session = await world.fleet.start(`CORP\\close-${randomUUID()}`, `CLOSE-${randomUUID()}`);
      await enter(page, world, `/sessions/${session.id}`);
      await page.getByText('nothing says that it is over').waitFor();
      await page.getByRole('button', { name: 'Close …' }).click();
      const dialog = page.getByRole('dialog');
      assert.equal(await dialog.getByRole('button', { name: 'Close the session' }).isDisabled(), true);
      await dialog.getByLabel('Reason').fill('the host burnt down');
      await dialog.getByRole('button', { name: 'Close the session' }).click();
      await page.locator('[data-end=operator]').waitFor();
      await page.getByText('the host burnt down').first().waitFor();
      await page.getByRole('button', { name: 'Correct …' }).click();
      await dialog.getByLabel('Reason').fill('seen at the door');
      const local = new Date(Date.parse(session.start_time) + 3_600_000 * 0 + 5 * 60_000);
      const inParis = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'medium' }).format(local).replace(' ', 'T');
      await dialog.getByLabel(/^Ended at/).fill(inParis);
      await dialog.getByRole('button', { name: 'Write the correction' }).click();
      await dialog.waitFor({ state: 'detached' }); // the reason stands in it, too, before it is written
      await page.getByText('seen at the door').first().waitFor();
      const after = await world.fleet.ask(`/sessions/${session.id}`);
      assert.equal(Math.floor(Date.parse(after.end_time) / 1000), Math.floor(local.getTime() / 1000));
      assert.equal(after.corrections.length, 2);
    }),

  'each role sees what it may do and no more': (world) =>
    visit(world, {}, async (page) => {
      const name = `hilda ${randomUUID()}`;
      await world.fleet.addOperator(name, 'correct horse battery', 'helpdesk');
      await signIn(page, world, '/sessions', name, 'correct horse battery');
      await page.locator('.grid-row').first().waitFor();
      assert.equal(await page.getByRole('button', { name: 'Export' }).count(), 0);
      const session = await world.fleet.one('state=active');
      await page.goto(`/sessions/${session.id}`);
      await page.getByRole('button', { name: 'Close …' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Correct …' }).count(), 0);
    }),

  ...questions,

  'a sign-in that is over is said, and one that is ended leaves nothing': (world) =>
    visit(world, {}, async (page, context) => {
      await signIn(page, world, '/health');
      const { csrf_token: csrf } = await (await page.request.get('/api/v1/me')).json();
      assert.equal((await page.request.post('/api/v1/signout', { headers: { 'X-CSRF-Token': csrf } })).status(), 204);
      await page.getByText('Your sign-in is over').waitFor();
      assert.match(page.url(), /\/health$/);
      await page.getByLabel('Name').fill(world.settings.operator);
      await page.locator('input[autocomplete="current-password"]').fill(world.settings.password);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor();
      await page.getByRole('button', { name: /Account/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.locator('.sign-in').waitFor();
      assert.deepEqual(await context.cookies(`${world.settings.base}/api/v1/me`), []);
    }),
};
