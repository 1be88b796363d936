import type { ModelInfo } from '../sdk/types.js';
import { home } from './place.js';

export interface RoleProblem {
  file: string;
  line?: number;
  message: string;
}

/** A role as `/api/roles` lists it. */
export interface RoleCard {
  slug: string;
  name: string;
  emoji?: string;
  description?: string;
  /** The role's abilities, in people's words. */
  tools?: string[];
  language?: string;
  hasPage?: boolean;
  errors?: RoleProblem[] | null;
  /** False when no version of the role could be loaded. */
  available?: boolean;
}

export interface RoleList {
  model?: ModelInfo;
  roles: RoleCard[];
}

let list: Promise<RoleList> | undefined;

/** The roles of this server; asked for once, and again on demand. */
export function roles(again = false): Promise<RoleList> {
  if (again || !list) {
    list = fetch(`${home}api/roles`, { headers: { accept: 'application/json' } }).then(async response => {
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      return (await response.json()) as RoleList;
    });
    list.catch(() => (list = undefined));
  }
  return list;
}

/** A hue of its own for each role, stable over time. */
export function hueOf(slug: string): number {
  let hash = 2166136261;
  for (const c of slug) hash = Math.imul(hash ^ c.codePointAt(0)!, 16777619);
  return Math.abs(hash) % 360;
}
