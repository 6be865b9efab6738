// A browser window of its own for a scenario, which also notes what no scenario may ever see.
import assert from 'node:assert/strict';

/** A bound for a machine that is busy with other things; what works takes far less. */
const waitMaxMs = 40_000;

export async function visit({ browser, settings }, options, work) {
  const context = await browser.newContext({
    baseURL: settings.base, viewport: { width: 1280, height: 800 }, timezoneId: 'Europe/Paris', locale: 'en-GB', acceptDownloads: true, ...options,
  });
  context.setDefaultTimeout(waitMaxMs);
  const wrong = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => wrong.push(error.stack));
  page.on('console', (message) => /Content Security Policy|Warning:|unique "key"/.test(message.text()) && wrong.push(message.text()));
  try {
    await work(page, context);
    assert.deepEqual(wrong, [], 'nothing breaks and nothing is refused by the policy');
  } finally {
    await context.close();
  }
}

export async function signIn(page, { settings }, path = '/', name = settings.operator, password = settings.password) {
  await page.goto(path);
  await page.getByLabel(/^(Name|名称)$/).fill(name);
  await page.locator('input[autocomplete="current-password"]').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('.side').waitFor();
}

/** Signed in without the form, for scenarios that are about something else. They share one sign-in: a password is slow to check on purpose. */
export async function enter(page, world, path) {
  world.shared.cookies ??= await newSignIn(page, world);
  await page.context().addCookies(world.shared.cookies);
  await page.goto(path);
  await settled(page);
}

async function newSignIn(page, { settings }) {
  const answer = await page.request.post('/api/v1/signin', { data: { name: settings.operator, password: settings.password, cookie: true } });
  assert.equal(answer.status(), 200);
  return page.context().cookies(`${settings.base}/api/v1/me`);
}

/** Every part of the page has its answer. */
export async function settled(page) {
  await page.locator('.page h1').waitFor();
  await page.waitForFunction(() => !document.querySelector('.mantine-Loader-root, [aria-busy=true]'));
}

export const countOf = async (page) => Number(await page.locator('[data-count]').first().getAttribute('data-count'));
