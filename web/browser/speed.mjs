// Measures the console over a large ledger, in Debian's Chromium, and prints the figures as JSON.
// Its one argument is JSON: { base, operator, password, from, to, user }; from and to name the window, user somebody in it.
import { chromium } from 'playwright-core';
import { enter, settled, visit } from './visit.mjs';

const flags = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** Pages further down that are scrolled to, and how many rows lie between two of them. */
const stepsCount = 40;
const stepRows = 60;
const rowPixels = 30;

const settings = JSON.parse(process.argv[2]);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
const world = { browser, settings, shared: {} };
const figures = {};

/** What kept the page from answering since it was last asked, in milliseconds. */
const longestTask = (page) => page.evaluate(() => {
  const longest = Math.max(0, ...window.longTasks);
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

try {
  await visit(world, {}, async (page) => {
    await page.addInitScript(() => {
      window.longTasks = [];
      new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((one) => one.duration))).observe({ type: 'longtask', buffered: true });
    });
    const window_ = new URLSearchParams({ from: settings.from, to: settings.to }).toString();
    await enter(page, world, '/health');
    await firstRows(page, window_); // the program itself comes out of the browser's cache from now on
    const times = [];
    for (let round = 0; round < 5; round++) times.push(await firstRows(page, window_));
    figures.first_rows_ms = times.sort((one, other) => one - other)[2];

    await settled(page);
    await longestTask(page);
    const grid = page.getByRole('grid');
    for (let step = 1; step <= stepsCount; step++) {
      await grid.evaluate((element, top) => { element.scrollTop = top; }, step * stepRows * rowPixels);
      await page.waitForTimeout(50);
    }
    figures.scroll_longest_task_ms = await longestTask(page);

    const filters = ['state=ended', 'state=active', `user_contains=${encodeURIComponent(settings.user.slice(0, 3))}`, `user=${encodeURIComponent(settings.user)}`, 'order=-end_time', 'order=duration'];
    let longest = 0;
    for (const filter of filters) {
      // As the page itself changes its address, without loading anew.
      await page.evaluate((address) => { history.pushState({}, '', address); dispatchEvent(new PopStateEvent('popstate', { state: {} })); }, `/sessions?${window_}&${filter}`);
      await page.waitForTimeout(100);
      await settled(page);
      if (!filter.startsWith('order')) await page.locator(`.chip[data-filter=${filter.split('=')[0]}]`).waitFor();
      longest = Math.max(longest, await longestTask(page));
    }
    figures.filter_longest_task_ms = longest;
  });
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(figures));
