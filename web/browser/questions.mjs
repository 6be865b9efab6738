// What the views answer: who made a peak, how an end is known, what ails the fleet.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { until } from './fleet.mjs';
import { check } from './pictures.mjs';
import { enter, settled, visit } from './visit.mjs';

const dayMs = 24 * 3600 * 1000;

/** A little more than the setting of the server that ConsoleBrowserTests starts. */
const lateAfterMs = 11_000;

/** A host for each worry, named to come first in a list, and a session that is open for months. */
async function ail(fleet) {
  const tail = randomUUID();
  const [skewed, late, rejected] = ['skewed', 'late', 'rejected'].map((what) => `00-${what}-${tail}`);
  const user = `CORP\\forgotten-${tail}`;
  const say = (type, data, at) => fleet.say(`rollcall.${type}`, data, at, 'test://ailing');
  const logon = (host, os, who, at) => say('session.started', { host: { name: host }, os_session_id: os, user: who, kind: 'desktop', protocol: 'RDP' }, at);
  const begun = Date.now();
  await logon(late, '1', 'CORP\\ailing', begun);
  const heard = Date.now();
  await say('host.beat', { host: { name: skewed }, lease_seconds: 3600 }, begun + 5 * 60_000);
  await logon(rejected, '1', user, begun - 80 * dayMs);
  assert.equal((await logon(rejected, '2', user, begun + 2 * dayMs)).rejected.length, 1);
  const silent = await fleet.silentHost();
  await until(() => Date.now() - heard > lateAfterMs, 'what happened then is late by now');
  await logon(late, '2', 'CORP\\ailing', heard + 1);
  return { hosts: { silent, skewed, late, rejected }, user };
}

export const questions = {
  'the exact peak is told with who made it': (world) =>
    visit(world, {}, async (page) => {
      await enter(page, world, '/concurrency?last=P30D');
      const peak = Number((await page.locator('[data-peak]').innerText()).replace(',', ''));
      await page.getByRole('link', { name: 'Who was on at the peak' }).click();
      await page.locator(`[data-count="${peak}"]`).waitFor();
      assert.ok(peak > 10);
    }),

  'at the peak people and hosts are named, each a way to go on': (world) =>
    visit(world, {}, async (page) => {
      await enter(page, world, '/concurrency?last=P30D');
      const makers = page.locator('[data-maker]');
      await makers.first().waitFor();
      const id = await makers.first().getAttribute('data-maker');
      const session = await world.fleet.ask(`/sessions/${id}`);
      const names = await makers.first().locator('a').allInnerTexts();
      assert.deepEqual(names.slice(0, 2), [session.user, session.host.name]);
      assert.equal(await makers.count(), 10);
      await makers.first().locator('a').last().click();
      await page.getByRole('heading', { level: 1 }).filter({ hasText: session.user }).waitFor();
      assert.match(page.url(), new RegExp(`/sessions/${id}$`));
    }),

  'the chart is zoomed and moved by keys': (world) =>
    visit(world, {}, async (page) => {
      const span = () => {
        const search = new URL(page.url()).searchParams;
        return (Date.parse(search.get('to')) - Date.parse(search.get('from'))) / 3_600_000;
      };
      await enter(page, world, '/concurrency?last=P30D');
      const chart = page.getByRole('group', { name: /Open sessions over time/ });
      await chart.focus();
      await page.keyboard.press('+');
      await page.waitForURL(/from=/);
      assert.equal(Math.round(span()), 360);
      const once = page.url();
      await page.keyboard.press('+');
      await page.waitForURL((url) => url.href !== once);
      assert.equal(Math.round(span()), 180);
      const before = new URL(page.url()).searchParams.get('from');
      await settled(page);
      await page.keyboard.press('ArrowLeft');
      await page.waitForFunction((from) => new URL(location.href).searchParams.get('from') !== from, before);
      assert.equal(Date.parse(before) - Date.parse(new URL(page.url()).searchParams.get('from')), 45 * 3_600_000);
      assert.equal(await chart.evaluate((element) => element === document.activeElement), true);
      await page.keyboard.press('-');
      await page.keyboard.press('-');
      await page.waitForURL((url) => !url.searchParams.has('from'));
      await page.keyboard.press('+');
      await page.waitForURL(/from=/);
      await page.keyboard.press('Escape');
      await page.waitForURL((url) => !url.searchParams.has('from'));
    }),

  'how an end was worked out is told to who has but a keyboard': (world) =>
    visit(world, {}, async (page) => {
      await enter(page, world, `/sessions?host=${await world.fleet.silentHost()}`);
      await page.getByRole('grid').focus();
      await page.keyboard.press('ArrowDown');
      const mark = page.locator('.grid-row-active .inferred');
      for (let step = 0; step < 8 && !(await mark.evaluate((element) => element === document.activeElement)); step++) await page.keyboard.press('ArrowRight');
      await page.getByRole('tooltip').filter({ hasText: 'The host fell silent' }).waitFor();
      assert.match(await mark.getAttribute('aria-label'), /Not before \d{4}-.*not after \d{4}-/);
      await page.keyboard.press('Escape'); // the tooltip
      await page.keyboard.press('Escape');
      assert.equal(await page.getByRole('grid').evaluate((element) => element === document.activeElement), true);
      await page.keyboard.press('Enter');
      await page.locator('[data-end=heartbeat]').waitFor();
    }),

  'health shows what is wrong, and each line leads to the host or the session behind it': (world) =>
    visit(world, {}, async (page) => {
      const { hosts, user } = await ail(world.fleet);
      await enter(page, world, '/health?open_longer_than=P30D');
      const lines = { 'Silent hosts': hosts.silent, 'Clocks that are off': hosts.skewed, 'Late events': hosts.late, 'Rejected events': hosts.rejected, 'Open for long': user };
      for (const [name, who] of Object.entries(lines)) {
        await page.goto('/health?open_longer_than=P30D');
        await settled(page);
        const line = page.locator(`tr[data-line="${name}"]`);
        assert.ok(Number((await line.locator('.cell-number').innerText()).replace(',', '')) > 0, name);
        await line.getByRole('link', { name: `Show the rows: ${name}` }).click();
        await page.locator('.grid-row').filter({ hasText: who }).waitFor();
        assert.match(page.url(), name === 'Open for long' ? /\/sessions\?state=/ : /\/hosts\?(silent|skewed|has)=/);
      }
      const source = page.locator('tr').filter({ hasText: 'test://ailing' });
      await page.goto('/health');
      await settled(page);
      assert.deepEqual(await check(page, world.settings.output, 'health-ailing', true), []);
      assert.equal(Number(await source.locator('.cell-number').last().innerText()), 1);
      await source.getByRole('link').click();
      await page.locator('.grid-row').filter({ hasText: hosts.rejected }).waitFor();
    }),

  'health leads to the rows behind each line': (world) =>
    visit(world, {}, async (page) => {
      await enter(page, world, '/health?open_longer_than=PT8H');
      const line = page.locator('tr[data-line="Known hosts"]');
      const count = (await line.locator('.cell-number').innerText()).replace(',', '');
      await line.getByRole('link').click();
      await page.locator(`[data-count="${count}"]`).waitFor();
      assert.match(page.url(), /\/hosts$/);
    }),
};
