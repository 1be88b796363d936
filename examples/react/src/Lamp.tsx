import { useState } from 'react';
import { useVoiceTool } from 'voice-bridge/react';

/** A lamp. While it is on the page, the agent can light it. */
export function Lamp() {
  const [colour, setColour] = useState('off');
  const [changes, setChanges] = useState(0);

  useVoiceTool<{ colour: string }>('set_lamp', {
    description: 'Lights the lamp on the page in a colour, or turns it off.',
    parameters: {
      type: 'object',
      properties: { colour: { type: 'string', description: 'CSS colour, or "off"' } },
      required: ['colour'],
    },
    handler: ({ colour: wanted }) => {
      setColour(wanted);
      setChanges(changes + 1); // of this render: the hook calls the latest handler
      return { lamp: wanted };
    },
  });

  return (
    <div
      role="img"
      aria-label={colour === 'off' ? 'The lamp is off' : `The lamp is ${colour} (change ${changes})`}
      style={{ width: '9rem', height: '9rem', borderRadius: '50%', background: colour === 'off' ? '#333' : colour }}
    />
  );
}
