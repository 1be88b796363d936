import { html, nothing, type TemplateResult } from 'lit';
import type { App } from './app.js';
import { formatOf } from './format.js';
import { Polled } from './polled.js';
import type { Node, NodeList } from './types.js';

const againMs = 3_000;
const maxNamed = 5;

/** The roles that a node lacks, or serves in another revision than most of the nodes do. */
export function differing(node: Node, nodes: readonly Node[]): string[] {
  const slugs = new Set(nodes.flatMap(n => Object.keys(n.roles)));
  return [...slugs].filter(slug => node.roles[slug] !== usual(slug, nodes)).sort();
}

function usual(slug: string, nodes: readonly Node[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { roles } of nodes) {
    const revision = roles[slug];
    if (revision !== undefined) counts.set(revision, (counts.get(revision) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** The nodes of a cluster with their calls; nothing on a host of its own. */
export class NodesPart {
  readonly #nodes: Polled<NodeList>;

  constructor(private readonly app: App) {
    this.#nodes = new Polled(app, () => app.api.nodes(), againMs);
  }

  open(): void {
    void this.#nodes.load();
  }

  close(): void {
    this.#nodes.stop();
  }

  render(): TemplateResult | typeof nothing {
    const { t } = this.app.words;
    const list = this.#nodes.value;
    if (!list || (list.nodes.length < 2 && !list.away)) return nothing;
    return html`<section class="sheet" data-testid="nodes">
      <h2>${t('nodes')}</h2>
      ${list.away ? html`<p role="status">${t('nodes.away')}</p>` : nothing}
      <div class="scroll" tabindex="0" role="region" aria-label=${t('nodes')}>
        <table>
          <thead>
            <tr>
              <th scope="col">${t('nodes.name')}</th>
              <th scope="col" class="figure">${t('health.calls')}</th>
              <th scope="col">${t('nodes.state')}</th>
              <th scope="col">${t('nodes.roles')}</th>
              <th scope="col"><span class="visually-hidden">${t('nodes.deeds')}</span></th>
            </tr>
          </thead>
          <tbody>
            ${list.nodes.map(node => this.#row(node, list))}
          </tbody>
        </table>
      </div>
    </section>`;
  }

  #row(node: Node, list: NodeList): TemplateResult {
    const { t } = this.app.words;
    const f = formatOf(this.app.words);
    const roles = differing(node, list.nodes);
    const named = roles.slice(0, maxNamed).join(', ') + (roles.length > maxNamed ? ' …' : '');
    return html`<tr data-node=${node.id}>
      <td>
        ${node.name}${node.id === list.own ? ` (${t('nodes.own')})` : nothing}<br /><span class="quiet small"
          >${t('health.since', { time: f.moment(node.since), version: node.version })}</span
        >
      </td>
      <td class="figure">${f.number(node.calls)} / ${f.number(node.maxCalls)}</td>
      <td>${t(node.draining ? 'nodes.draining' : 'health.ready')}</td>
      <td>${roles.length === 0 ? t('nodes.same') : t('nodes.differ', { roles: named })}</td>
      <td>
        <button
          type="button"
          @click=${() => void this.#rest(node)}
          aria-label=${`${t(node.draining ? 'nodes.resume' : 'nodes.drain')}: ${node.name}`}
        >
          ${t(node.draining ? 'nodes.resume' : 'nodes.drain')}
        </button>
      </td>
    </tr>`;
  }

  async #rest(node: Node): Promise<void> {
    try {
      await this.app.api.rest(node.id, !node.draining);
      await this.#nodes.load();
    } catch (error) {
      this.app.tell(this.app.failed(error));
    }
  }
}
