import type { paths } from './schema';

type Json<Path extends keyof paths, Method extends 'get' | 'post'> = paths[Path][Method] extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

export type Me = Json<'/api/v1/me', 'get'>;
export type SessionPage = Json<'/api/v1/tenants/{tenant}/sessions', 'get'>;
export type Session = SessionPage['items'][number];
type RawSessionDetail = Json<'/api/v1/tenants/{tenant}/sessions/{id}', 'get'>;

/** The document leaves open whether a detail's members are always there, because one constructor sets them all; they are. */
export type SessionDetail = Session & Required<Pick<RawSessionDetail, 'connections' | 'timeline' | 'corrections' | 'readings' | 'readings_complete'>> & Pick<RawSessionDetail, 'rosters'>;
export type HostPage = Json<'/api/v1/tenants/{tenant}/hosts', 'get'>;
export type Host = HostPage['items'][number];
export type HostDetail = Host & Required<Pick<Json<'/api/v1/tenants/{tenant}/hosts/{name}', 'get'>, 'sources' | 'source_count'>>;
export type HostGroup = Json<'/api/v1/tenants/{tenant}/host-groups', 'get'>['items'][number];
export type UserPage = Json<'/api/v1/tenants/{tenant}/users', 'get'>;
export type User = UserPage['items'][number];
export type Export = Json<'/api/v1/tenants/{tenant}/exports/{id}', 'get'>;
export type Manifest = Json<'/api/v1/tenants/{tenant}/exports/{id}/manifest', 'get'>;
export type Health = Json<'/api/v1/tenants/{tenant}/health', 'get'>;

export type Concurrency = Json<'/api/v1/tenants/{tenant}/stats/concurrency', 'get'>;
export type Series = Concurrency['series'][number];
export type Peak = NonNullable<Series['peak']>;
export type UserUsage = Json<'/api/v1/tenants/{tenant}/stats/usage', 'get'>['items'][number];
