// A picture of every view and of everything that opens over one, to look at; and what axe says of each.
import AxeBuilder from '@axe-core/playwright';
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { enter, settled, visit } from './visit.mjs';

/** Every view, with an address that shows it full. */
async function viewsOf(fleet) {
  const user = (await fleet.one('state=active')).user;
  const host = (await fleet.one('state=active')).host.name;
  const ended = await fleet.ask(`/sessions?limit=300&state=ended`);
  const reconnected = ended.items.find((one) => one.disconnected_ms > 60_000) ?? ended.items[0];
  return {
    now: '/now',
    sessions: '/sessions?state=active&state=disconnected',
    'sessions-empty': '/sessions?user=nobody-of-this-name',
    session: `/sessions/${reconnected.id}`,
    users: '/users',
    user: `/users/${encodeURIComponent(user)}`,
    hosts: '/hosts',
    host: `/hosts/${encodeURIComponent(host)}`,
    concurrency: '/concurrency',
    exports: '/exports',
    health: '/health',
  };
}

/** Everything that opens over a view: where, and how one gets there in either language. */
async function dialogsOf(fleet) {
  const open = (await fleet.one('state=active')).id;
  const ended = (await fleet.one('state=ended')).id;
  const press = (name) => async (page) => {
    await page.getByRole('button', { name }).first().click();
    await page.locator('[role=dialog]:visible, [role=menu]:visible').last().waitFor();
    await settled(page);
  };
  return {
    keys: { path: '/now', open: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    } },
    account: { path: '/now', open: press(/Account|账户|帐户|账号/) },
    filters: { path: '/sessions', open: press(/^(Filter|筛选)$/) },
    columns: { path: '/sessions', open: press(/^(Columns|列)$/) },
    inferred: { path: `/sessions?host=${await fleet.silentHost()}`, open: async (page) => {
      await page.locator('.inferred').first().focus();
      await page.getByRole('tooltip').waitFor();
    } },
    export: { path: '/sessions?state=failed', open: press(/^(Export|导出)$/) },
    'export-done': { path: '/sessions?state=failed', open: async (page) => {
      await press(/^(Export|导出)$/)(page);
      await page.getByRole('dialog').locator('button[type=submit]').click();
      await page.locator('[data-export=finished]').waitFor();
    } },
    close: { path: `/sessions/${open}`, open: press(/^(Close|关闭) …$/) },
    correct: { path: `/sessions/${ended}`, open: press(/^(Correct|更正) …$/) },
    manifest: { path: '/exports', open: press(/^(Manifest|清单)$/) },
    delete: { path: '/exports', open: press(/^(Delete|删除)$/) },
  };
}

export const pictures = (colorScheme, language) => async (world) =>
  visit(world, { colorScheme, locale: language === 'zh' ? 'zh-CN' : 'en-GB' }, async (page) => {
    const folder = join(world.settings.output, `${colorScheme}-${language}`);
    mkdirSync(folder, { recursive: true });
    await page.goto('/');
    await page.locator('.sign-in').waitFor();
    // Colours go by the scheme and names by the language: two of the four have every pair of them.
    const isJudged = (colorScheme === 'light') === (language === 'en');
    const bad = await check(page, folder, 'sign-in', isJudged);
    world.shared.export ??= await world.fleet.export();
    await enter(page, world, '/');
    for (const [name, path] of Object.entries(await viewsOf(world.fleet))) {
      await page.goto(path);
      await settled(page);
      assert.equal(await page.locator('html').getAttribute('lang'), language === 'zh' ? 'zh-CN' : 'en');
      bad.push(...await check(page, folder, name, isJudged));
    }
    for (const [name, dialog] of Object.entries(await dialogsOf(world.fleet))) {
      await page.goto(dialog.path);
      await settled(page);
      await dialog.open(page);
      bad.push(...await check(page, folder, `dialog-${name}`, isJudged));
    }
    assert.deepEqual(bad, []);
    const shown = colorScheme === 'light' ? ['now', 'session'] : ['concurrency'];
    for (const name of world.settings.readme && language === 'en' ? shown : []) copyFileSync(join(folder, `${name}.png`), join(world.settings.readme, `console-${name}.png`));
  });

/** A picture to look at; and what keeps somebody out (axe: serious or critical). */
export async function check(page, folder, name, isJudged) {
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  if (!isJudged) return [];
  const { violations } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
  return bad.map((one) => `${name}: ${one.id} ${one.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`).join(' | ')}`);
}
