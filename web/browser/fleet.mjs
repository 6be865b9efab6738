// What a test brings the server into, and asks it, beside the browser: the native API with a token.
import { randomUUID } from 'node:crypto';

const waitMaxMs = 60_000;

/** Waits for what the server does by itself. */
export async function until(condition, what) {
  for (const begun = Date.now(); !(await condition());) {
    if (Date.now() - begun > waitMaxMs) throw new Error(`it never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export class Fleet {
  static async open(settings) {
    const answer = await fetch(`${settings.base}/api/v1/signin`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: settings.operator, password: settings.password }),
    });
    return new Fleet(settings, (await answer.json()).token);
  }

  constructor(settings, token) {
    this.root = `${settings.base}/api/v1/tenants/${settings.tenant}`;
    this.token = token;
    this.agentToken = settings.agentToken;
  }

  async ask(path, init = {}) {
    const answer = await fetch(this.root + path, { ...init, headers: { Authorization: `Bearer ${this.token}`, ...init.headers } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** One session of the sample by a filter; a test that finds none proves nothing. */
  async one(query) {
    const { items } = await this.ask(`/sessions?limit=1&${query}`);
    if (items.length === 0) throw new Error(`the sample fleet has no session with ${query}`);
    return items[0];
  }

  /** A session of a user and a host that no other scenario has. */
  async start(user, host) {
    const data = { host: { name: host }, os_session_id: '1', user, kind: 'desktop', protocol: 'RDP', client: { name: 'LT-1', ip: '10.9.1.4' } };
    await this.send('started', data, 20);
    return this.one(`user=${encodeURIComponent(user)}`);
  }

  async send(kind, data, minutesAgo) {
    await this.say(`rollcall.session.${kind}`, data, Date.now() - minutesAgo * 60_000, 'test://browser');
  }

  /** One event, and the server's receipt for it. */
  say(type, data, at, source) {
    const time = new Date(at).toISOString();
    return this.ask('/events', {
      method: 'POST', body: JSON.stringify([{ specversion: '1.0', id: randomUUID(), source, type, time, data }]),
      headers: { Authorization: `Bearer ${this.agentToken}`, 'Content-Type': 'application/cloudevents-batch+json' },
    });
  }

  /** A host whose lease ran out with a session on it; made once, because it takes seconds. */
  silentHost() {
    this.silent ??= this.fallSilent(`00-RDS-${randomUUID().slice(0, 8)}`);
    return this.silent;
  }

  async fallSilent(host) {
    const [source, at, { host: other }] = ['test://silent', Date.now(), await this.one('state=active')];
    const facts = { name: host, group_id: other.group_id, group_name: other.group_name };
    await this.say('rollcall.session.started', { host: facts, os_session_id: '1', user: `CORP\\${host}`, kind: 'desktop', protocol: 'RDP' }, at - 60_000, source);
    await this.say('rollcall.host.beat', { host: facts, lease_seconds: 1, roster: [{ os_session_id: '1', user: `CORP\\${host}` }] }, at, source);
    await until(async () => (await this.ask(`/hosts/${host}`)).state === 'silent', `${host} is silent`);
    return host;
  }

  /** A finished export, so that the page of exports has something to show. */
  async export() {
    const order = { what: 'sessions', format: 'xlsx', filter: { state: ['failed'] } };
    const { id } = await this.ask('/exports', { method: 'POST', body: JSON.stringify(order), headers: { 'Content-Type': 'application/json' } });
    await until(async () => (await this.ask(`/exports/${id}`)).state === 'finished', `the export ${id} is finished`);
    return id;
  }

  addOperator(name, password, role) {
    return this.ask('/operators', { method: 'POST', body: JSON.stringify({ name, password, roles: [role] }), headers: { 'Content-Type': 'application/json' } });
  }
}
