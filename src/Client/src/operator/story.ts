import type { CallRecord, Fact } from './types.js';

/** One thing that happened in a call; `at` counts milliseconds from its begin. */
export type Step =
  | {
      kind: 'said';
      id: string;
      at: number;
      who: 'user' | 'agent' | 'system';
      heard: string;
      unheard: string;
      interrupted: boolean;
      withdrawn: boolean;
      typed: boolean;
      image?: string;
      modelMs?: number | null;
      downlinkMs?: number;
      heardMs?: number;
      generatedMs?: number;
    }
  | { kind: 'tool'; id: string; at: number; name: string; input: string; output?: string; tookMs?: number; progress: string[] }
  | { kind: 'session'; id: string; at: number; reason: string }
  | { kind: 'summary'; id: string; at: number; text: string }
  | { kind: 'note'; id: string; at: number; title: string; text: string }
  | { kind: 'end'; id: string; at: number; reason: string };

/** Milliseconds of a .NET time span such as `1.02:03:04.5678901`; 0 for what is none. */
export function span(text: string | undefined): number {
  const match = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text ?? '');
  return match ? ((Number(match[1] ?? 0) * 24 + Number(match[2])) * 60 + Number(match[3])) * 60_000 + Number(match[4]) * 1_000 : 0;
}

/** The events of a call in order: the facts of the log put together, notes and the end among them. */
export function story(call: CallRecord): Step[] {
  const steps: Step[] = [];
  const said = new Map<string, Extract<Step, { kind: 'said' }>>();
  const tools = new Map<string, Extract<Step, { kind: 'tool' }>>();
  for (const [n, fact] of (call.conversation?.entries ?? []).entries()) read(fact, n, steps, said, tools);
  const began = Date.parse(call.started);
  measured(call, steps, began);
  for (const note of call.notes)
    steps.push({ kind: 'note', id: `note ${note.id}`, at: Date.parse(note.at) - began, title: note.title ?? '', text: note.text });
  steps.sort((a, b) => a.at - b.at);
  if (call.ended) steps.push({ kind: 'end', id: 'end', at: Date.parse(call.ended) - began, reason: call.reason ?? '' });
  return steps;
}

function read(
  fact: Fact,
  n: number,
  steps: Step[],
  said: Map<string, Extract<Step, { kind: 'said' }>>,
  tools: Map<string, Extract<Step, { kind: 'tool' }>>,
): void {
  const at = span(fact.at);
  const line = said.get(fact.itemId ?? '');
  switch (fact.fact) {
    case 'item': {
      const item = fact.item;
      if (!item) return;
      if (item.kind === 'functionCall') {
        const tool = { kind: 'tool' as const, id: item.id, at, name: item.name ?? '', input: item.arguments ?? '', progress: [] };
        tools.set(item.callId ?? item.id, tool);
        steps.push(tool);
      } else if (item.kind === 'functionOutput') {
        const tool = tools.get(item.callId ?? '');
        if (tool) {
          tool.output = item.output ?? '';
          tool.tookMs = at - tool.at;
        }
      } else if (item.kind !== 'other') {
        // The first of the kinds is written as nothing.
        const who = item.kind === 'agentMessage' ? 'agent' : item.kind === 'systemMessage' ? 'system' : 'user';
        const step = {
          kind: 'said' as const,
          id: item.id,
          at,
          who: who as 'user',
          heard: item.text ?? '',
          unheard: '',
          interrupted: false,
          withdrawn: false,
          typed: !item.isAudio,
          ...(item.imageUrl ? { image: item.imageUrl } : {}),
        };
        said.set(item.id, step);
        steps.push(step);
      }
      return;
    }
    case 'text':
      if (line) line.heard = fact.text ?? '';
      return;
    case 'heard':
      if (line) Object.assign(line, { heardMs: fact.heardMilliseconds ?? 0, generatedMs: fact.generatedMilliseconds ?? 0 });
      return;
    case 'truncated':
      if (line)
        Object.assign(line, {
          heard: fact.heardText ?? '',
          unheard: fact.unheardText ?? '',
          interrupted: true,
          heardMs: fact.heardMilliseconds ?? 0,
          generatedMs: fact.generatedMilliseconds ?? 0,
        });
      return;
    case 'removed':
      if (line) line.withdrawn = true;
      return;
    case 'progress':
      tools.get(fact.callId ?? '')?.progress.push(fact.message ?? '');
      return;
    case 'session':
      steps.push({ kind: 'session', id: `session ${n}`, at, reason: fact.reason ?? '' });
      return;
    case 'summary':
      steps.push({ kind: 'summary', id: `summary ${n}`, at, text: fact.summary ?? '' });
  }
}

/** Each answer gets the delays that were measured when its first packet left: those after its item, and before the next one's. */
function measured(call: CallRecord, steps: Step[], began: number): void {
  const answers = steps.filter((s): s is Extract<Step, { kind: 'said' }> => s.kind === 'said' && s.who === 'agent' && !s.typed);
  let next = 0;
  for (const turn of call.turns ?? []) {
    const at = Date.parse(turn.at) - began;
    while (next + 1 < answers.length && answers[next + 1]!.at <= at) next++;
    const answer = answers[next];
    if (answer && answer.downlinkMs === undefined && answer.at <= at + 50)
      Object.assign(answer, { modelMs: turn.modelMs, downlinkMs: turn.downlinkMs });
  }
}

/** JSON for people to read; a text that is none stays as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
