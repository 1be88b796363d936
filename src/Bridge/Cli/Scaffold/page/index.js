// This role's part of the page. See docs/roles.md, "The page module".

/** @param {object} api */
export default function setup(api) {
  const topics = api.data?.topics ?? [];
  const list = document.createElement('ul');
  list.className = 'topics';
  for (const topic of topics) {
    const item = document.createElement('li');
    item.dataset.topic = topic.id;
    item.textContent = topic.title;
    list.append(item);
  }
  api.stage.append(list);

  api.registerTool('pick_topic', {
    handler({ topic }) {
      const picked = topics.find(candidate => candidate.id === topic);
      if (!picked) throw new Error(`There is no topic "${topic}".`);
      for (const item of list.children) {
        if (item.dataset.topic === topic) item.setAttribute('aria-current', 'true');
        else item.removeAttribute('aria-current');
      }
      return { title: picked.title };
    },
  });
}
