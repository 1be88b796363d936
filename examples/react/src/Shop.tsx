import { useState, type FormEvent } from 'react';
import { useVoiceCall, VoiceCallProvider } from 'voice-bridge/react';
import { Lamp } from './Lamp.js';

const url = import.meta.env.VITE_BRIDGE_URL ?? 'http://localhost:5080';

/** A call with the shop's agent, and a lamp that it can light. */
export function Shop() {
  const call = useVoiceCall({ url, role: 'lamp-shop', attributes: { shop: 'Lamps & more' } });
  const [text, setText] = useState('');
  const [lit, setLit] = useState(true);
  const running = call.state !== 'idle' && call.state !== 'ended';

  function send(event: FormEvent) {
    event.preventDefault();
    void call.sendText(text);
    setText('');
  }

  return (
    <VoiceCallProvider call={call}>
      <p>
        The agent is <output>{call.state}</output>.
      </p>
      {running ? <button onClick={call.hangup}>Hang up</button> : <button onClick={call.start}>Talk to the agent</button>}
      {call.error && <p role="alert">{call.error.message}</p>}
      <label>
        <input type="checkbox" checked={lit} onChange={event => setLit(event.target.checked)} /> Show the lamp
      </label>
      {lit && <Lamp />}
      <form onSubmit={send}>
        <label>
          Say <input value={text} onChange={event => setText(event.target.value)} disabled={!running} />
        </label>
      </form>
      <ol aria-label="Conversation">
        {call.transcript.map(item => (
          <li key={item.itemId}>
            {item.speaker === 'user' ? 'You' : 'Agent'}: {item.text}
          </li>
        ))}
      </ol>
    </VoiceCallProvider>
  );
}
