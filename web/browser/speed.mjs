// Measures the console over a large ledger, in Debian's Chromium, and prints the figures as JSON.
// Its one argument is JSON: { base, operator, password, from, to, user }; from and to name the window, user somebody in it.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { countOf, enter, settled, visit } from './visit.mjs';

const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const roundsCount = 5;

/** Places further down that are scrolled to, and how many rows lie between two of them. */
const stepsCount = 40;
const stepRows = 60;
const rowPixels = 30;

const settings = JSON.parse(process.argv[2]);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
const world = { browser, settings, shared: {} };
const figures = {};

/** What kept the page from answering since it was last asked, in milliseconds; 0 when nothing took 50 (Long Tasks API). */
const longestTask = (page) => page.evaluate(() => {
  const late = window.longTaskObserver.takeRecords().map((one) => one.duration);
  const longest = Math.max(0, ...window.longTasks, ...late);
  window.longTasks = [];
  return Math.round(longest);
});

/** From an address to the first row in the page. */
async function firstRows(page, query) {
  const started = performance.now();
  await page.goto(`/sessions?${query}`);
  await page.locator('.grid-row').first().waitFor();
  return Math.round(performance.now() - started);
}

async function medianFirstRows(page, query) {
  const times = [];
  for (let round = 0; round < roundsCount; round++) times.push(await firstRows(page, query));
  return times.sort((one, other) => one - other)[roundsCount >> 1];
}

/** The answer is in the page, and the page on the screen. */
async function drawn(page) {
  await settled(page);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))));
}

/** As a hand does it, no faster than rows come; returns the index of the last row in the page. */
async function scrollDown(page) {
  const lastIndex = () => Math.max(...[...document.querySelectorAll('.grid-row')].map((row) => Number(row.getAttribute('aria-rowindex'))));
  for (let step = 1; step <= stepsCount; step++) {
    await page.waitForFunction(([top, row]) => {
      document.querySelector('[role=grid]').scrollTop = top;
      return document.querySelector(`.grid-row[aria-rowindex="${row}"]`) !== null;
    }, [step * stepRows * rowPixels, step * stepRows + 2]);
    await page.waitForTimeout(50);
  }
  return page.evaluate(lastIndex);
}

/** As the page itself changes its address, without loading anew. */
async function change(page, query) {
  const answer = page.waitForResponse((response) => {
    const url = new URL(response.url());
    return url.pathname.endsWith('/sessions') && [...new URLSearchParams(query)].every(([name, value]) => url.searchParams.get(name) === value);
  });
  await page.evaluate((address) => { history.pushState({}, '', address); dispatchEvent(new PopStateEvent('popstate', { state: {} })); }, `/sessions?${query}`);
  const response = await answer;
  assert.equal(response.status(), 200);
  await response.finished();
  await drawn(page);
}

try {
  await visit(world, {}, async (page) => {
    await page.addInitScript(() => {
      window.longTasks = [];
      window.longTaskObserver = new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration)));
      window.longTaskObserver.observe({ type: 'longtask', buffered: true });
    });
    const window_ = new URLSearchParams({ from: settings.from, to: settings.to }).toString();
    await enter(page, world, '/health');
    await firstRows(page, window_); // the program itself comes out of the browser's cache from now on
    figures.first_rows_ms = await medianFirstRows(page, window_);
    figures.first_rows_without_window_ms = await medianFirstRows(page, '');

    await firstRows(page, window_);
    await drawn(page);
    assert.ok((await countOf(page)) > (stepsCount + 1) * stepRows, 'the window has enough rows to scroll through');
    await longestTask(page);
    assert.ok((await scrollDown(page)) >= stepsCount * stepRows, 'rows came while scrolling');
    figures.scroll_longest_task_ms = await longestTask(page);

    const filters = ['state=ended', 'state=active', `user_contains=${encodeURIComponent(settings.user.slice(0, 3))}`, `user=${encodeURIComponent(settings.user)}`, 'order=-end_time', 'order=duration'];
    let longest = 0;
    for (const filter of filters) {
      await change(page, `${window_}&${filter}`);
      if (!filter.startsWith('order')) await page.locator(`.chip[data-filter=${filter.split('=')[0]}]`).waitFor();
      longest = Math.max(longest, await longestTask(page));
    }
    figures.filter_longest_task_ms = longest;
  });
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(figures));
