// The statistics as the native API names them. Once the server's document has them these go, and the generated ones stand in their place.
export interface Peak {
  readonly at: string;
  readonly sessions: number;
  readonly session_ids: readonly string[];
  readonly session_ids_cut: number;
}

export interface Bucket {
  readonly start: string;
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
  readonly maximum_at: string;
}

export interface Series {
  readonly key: string | null;
  readonly name: string | null;
  readonly peak: Peak | null;
  readonly buckets: readonly Bucket[];
}

export interface Concurrency {
  readonly from: string;
  readonly to: string;
  readonly bucket_ms: number;
  readonly by: string;
  readonly as_of: string;
  readonly series: readonly Series[];
  readonly groups: number;
  readonly groups_cut: number;
}

export interface Summary {
  readonly as_of: string;
  readonly open: { readonly count: number; readonly initializing: number; readonly active: number; readonly disconnected: number };
  readonly logons: number;
  readonly failures: { readonly count: number; readonly by_code: readonly { readonly code: string | null; readonly count: number }[] };
}

export interface UserUsage {
  readonly user: string;
  readonly user_id: string | null;
  readonly logons: number;
  readonly hours: number;
  readonly last_seen: string | null;
}

export interface UsagePage {
  readonly items: readonly UserUsage[];
  readonly next_cursor: string | null;
  readonly count: number | null;
}
