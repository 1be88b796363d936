import { useState } from 'react';
import { Shop } from './Shop.js';

/** Two views; a call ends when its view is left. */
export function App() {
  const [open, setOpen] = useState(true);
  return (
    <main>
      <h1>Lamp shop</h1>
      <button onClick={() => setOpen(!open)}>{open ? 'Leave the shop' : 'Enter the shop'}</button>
      {open && <Shop />}
    </main>
  );
}
