// The tutor's widget: phrase cards of a topic, the one that is practised, and what is learnt.

/** @param {object} api see docs/roles.md, "The page module" */
export default function setup(api) {
  const topics = api.data?.phrases?.topics ?? [];
  const phrases = new Map(topics.flatMap(topic => topic.phrases).map(phrase => [phrase.id, phrase]));
  const state = { topic: null, phrase: null, learnt: {}, ...(api.saved ?? {}) };
  const root = node('section', { className: 'tutor', hidden: true, ariaLabel: 'Phrase cards' });
  api.stage.append(root);

  const learntCount = () => Object.values(state.learnt).filter(Boolean).length;

  function draw() {
    const topic = topics.find(candidate => candidate.id === state.topic);
    root.hidden = !topic;
    if (topic) {
      const cards = node('ul', { className: 'cards' });
      for (const phrase of topic.phrases) {
        const card = node('li');
        card.dataset.phrase = phrase.id;
        card.classList.toggle('learnt', state.learnt[phrase.id] === true);
        if (phrase.id === state.phrase) card.setAttribute('aria-current', 'true');
        const button = node('button', { type: 'button' });
        button.append(
          node('span', { className: 'french', textContent: phrase.french, lang: 'fr' }),
          node('span', { className: 'english', textContent: phrase.english }),
          ...(phrase.hint && phrase.id === state.phrase ? [node('span', { className: 'hint', textContent: phrase.hint })] : []),
          ...(state.learnt[phrase.id] ? [node('span', { className: 'mark', textContent: '✓ learnt' })] : []));
        button.addEventListener('click', () => {
          state.phrase = phrase.id;
          draw();
          root.querySelector('[aria-current] button').focus();
          api.sendText(`Let us practise "${phrase.french}"`);
        });
        card.append(button);
        cards.append(card);
      }
      const progress = node('p', { className: 'progress', textContent: `${learntCount()} of ${phrases.size} phrases learnt` });
      root.replaceChildren(node('h2', { textContent: topic.title }), progress, cards);
    }
    api.save?.(state);
  }

  function known(id) {
    if (!phrases.has(id)) throw new Error(`There is no phrase "${id}". There are: ${[...phrases.keys()].join(', ')}.`);
    return phrases.get(id);
  }

  api.registerTool('show_topic', {
    handler({ topic }) {
      const shown = topics.find(candidate => candidate.id === topic);
      if (!shown) throw new Error(`There is no topic "${topic}". There are: ${topics.map(candidate => candidate.id).join(', ')}.`);
      Object.assign(state, { topic, phrase: null });
      draw();
      return { title: shown.title, phrases: shown.phrases.map(phrase => phrase.id) };
    },
  });
  api.registerTool('show_phrase', {
    handler({ phrase }) {
      const shown = known(phrase);
      state.topic = topics.find(topic => topic.phrases.includes(shown)).id;
      state.phrase = phrase;
      draw();
      return { phrase, french: shown.french, english: shown.english };
    },
  });
  api.registerTool('mark_phrase', {
    handler({ phrase, learnt }) {
      known(phrase);
      state.learnt[phrase] = learnt;
      draw();
      return { phrase, learnt: learntCount(), of: phrases.size };
    },
  });

  draw();
}

function node(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}
