/** The values of a stream of server-sent events (HTML Standard §9.2) whose events are one line of JSON each. */
export async function* events<T>(body: ReadableStream<Uint8Array>, maxLine = 4_000_000): AsyncGenerator<T> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
  let kept = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      kept += value;
      let end: number;
      while ((end = kept.indexOf('\n')) >= 0) {
        const line = kept.slice(0, end).replace(/\r$/, '');
        kept = kept.slice(end + 1);
        if (line.startsWith('data: ')) yield JSON.parse(line.slice(6)) as T;
      }
      if (kept.length > maxLine) throw new Error('An event of the stream has no end.');
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
