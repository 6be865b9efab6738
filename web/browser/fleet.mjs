// What a test brings the server into, and asks it, beside the browser: the native API with a token.
import { randomUUID } from 'node:crypto';

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
    const time = new Date(Date.now() - minutesAgo * 60_000).toISOString();
    const event = { specversion: '1.0', id: randomUUID(), source: 'test://browser', type: `rollcall.session.${kind}`, time, data };
    await this.ask('/events', {
      method: 'POST', body: JSON.stringify([event]),
      headers: { Authorization: `Bearer ${this.agentToken}`, 'Content-Type': 'application/cloudevents-batch+json' },
    });
  }

  /** A finished export, so that the page of exports has something to show. */
  async export() {
    const order = { what: 'sessions', format: 'xlsx', filter: { state: ['failed'] } };
    const { id } = await this.ask('/exports', { method: 'POST', body: JSON.stringify(order), headers: { 'Content-Type': 'application/json' } });
    for (let look = 0; look < 400; look++) {
      if ((await this.ask(`/exports/${id}`)).state === 'finished') return id;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the export ${id} did not get there`);
  }

  addOperator(name, password, role) {
    return this.ask('/operators', { method: 'POST', body: JSON.stringify({ name, password, roles: [role] }), headers: { 'Content-Type': 'application/json' } });
  }
}
