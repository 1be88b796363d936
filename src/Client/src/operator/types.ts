/** Delays of a living call hop by hop, ms. */
export interface Delays {
  uplinkMs: number | null;
  uplinkP99Ms: number | null;
  modelFirstAudioMs: number | null;
  modelFirstAudioP50Ms: number | null;
  downlinkMs: number | null;
  downlinkP99Ms: number | null;
}

/** A living call, as `/api/live` returns it. */
export interface LiveCall {
  id: string;
  role: string;
  name: string;
  emoji: string;
  model: string;
  caller: string | null;
  state: string;
  ending: boolean;
  started: string;
  cost: number | null;
  callerLevel: number | null;
  agentLevel: number | null;
  delays: Delays | null;
  roundTripMs: number | null;
  lossPercent: number | null;
  blockers: string[];
}

export interface LiveState {
  at: string;
  count: number;
  draining: boolean;
  degraded: boolean;
  calls: LiveCall[];
}

export interface CallNote {
  id: string;
  at: string;
  title: string | null;
  text: string;
  data?: unknown;
}

/** One fact of a conversation's log; `fact` says which. */
export interface Fact {
  fact: string;
  at?: string;
  itemId?: string;
  item?: {
    id: string;
    kind?: string;
    text?: string;
    isAudio?: boolean;
    imageUrl?: string;
    callId?: string;
    name?: string;
    arguments?: string;
    output?: string;
  };
  text?: string;
  heardMilliseconds?: number;
  generatedMilliseconds?: number;
  heardText?: string;
  unheardText?: string;
  reason?: string;
  callId?: string;
  message?: string;
  summary?: string;
  purpose?: string;
}

/** One recording of a call's sound; seconds count from its start. */
export interface AudioPart {
  started: string;
  state: 'on' | 'complete' | 'interrupted' | 'failed';
  why: string | null;
  tracks: { name: string; side: 'caller' | 'agent' | 'mixed'; seconds: number; bytes: number }[];
  /** Stretches of the agent's voice that were sent, and cut off before the caller heard them. */
  marks: { from: number; to: number; item: string }[];
}

/** A call's record, as `/api/calls` returns it. */
export interface CallRecord {
  id: string;
  role: string;
  model: string;
  caller: string | null;
  started: string;
  ended: string | null;
  reason: string | null;
  recap: string | null;
  notes: CallNote[];
  usage: Record<string, number>;
  cost: number | null;
  missing: number;
  turns: { at: string; modelMs: number | null; downlinkMs: number }[] | null;
  conversation: { entries: Fact[] } | null;
  /** The outcome of the call, after the role's schema. */
  outcome?: unknown;
  /** The recordings of its sound. */
  audio?: AudioPart[];
}

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export interface Sum {
  at: string;
  calls: number;
  failed: number;
  minutes: number;
  cost: number | null;
  model: Percentiles | null;
  downlink: Percentiles | null;
}

export interface Chart {
  from: string;
  to: string;
  by: 'hour' | 'day';
  sums: Sum[];
}

export interface RoleFault {
  file: string;
  line: number;
  column: number;
  message: string;
}

export interface OperatorRole {
  slug: string;
  folder: string;
  name: string | null;
  emoji: string;
  language: string;
  private: boolean;
  revision: string | null;
  loaded: string;
  tools: number;
  errors: RoleFault[];
}

export interface RoleReport {
  version: number;
  roles: OperatorRole[];
  errors: RoleFault[];
}

/** A node of a cluster; `GET api/nodes`. */
export interface Node {
  id: string;
  name: string;
  version: string;
  since: string;
  calls: number;
  maxCalls: number;
  draining: boolean;
  /** Revision by slug. */
  roles: Record<string, string>;
}

export interface NodeList {
  own: string;
  /** Redis does not answer: the node that answers is the only one listed. */
  away: boolean;
  nodes: Node[];
}

export interface Health {
  state: string;
  since: string;
  version: string;
  calls: { alive: number; max: number };
  memory: { held: number; max: number };
  records: { kind: string; well: boolean; waiting: number; lost: number };
  model: { kind: string; name: string; reachable: boolean; lastOpened: string | null; lastFailed: string | null };
  disk: { free: number; total: number } | null;
  roles: { served: number; broken: number };
  problems: { code: string; count: number; last: string }[];
}
