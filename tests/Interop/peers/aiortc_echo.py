"""An aiortc client of the host's lab echo. Prints one JSON line: what it sent, what came back, how long it took.

usage: /usr/bin/python3 aiortc_echo.py http://host:port [sctp-port]
The second argument makes it write the data channel's m-line as RFC 8841 does, not as the drafts before it did.
"""
import asyncio
import json
import sys
import time
import urllib.request

import av
import numpy
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError

base = sys.argv[1]


def post(sdp):
    request = urllib.request.Request(base + "/lab/echo?path=call", sdp.encode(), {"Content-Type": "application/sdp"})
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 201, response.status
        return response.headers["Location"], response.read().decode()


def delete(location):
    request = urllib.request.Request(base + location, method="DELETE")
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status


class Tone(AudioStreamTrack):
    """440 Hz, 48 kHz mono."""

    async def recv(self):
        silence = await super().recv()
        at = silence.pts / silence.sample_rate
        time_axis = at + numpy.arange(silence.samples) / silence.sample_rate
        wave = (8000 * numpy.sin(2 * numpy.pi * 440 * time_axis)).astype(numpy.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.pts, frame.sample_rate, frame.time_base = silence.pts, silence.sample_rate, silence.time_base
        return frame


async def main():
    report = {"client": "aiortc"}
    started = time.perf_counter()
    pc = RTCPeerConnection()
    pc._sctpLegacySdp = "sctp-port" not in sys.argv[2:]
    pc.addTrack(Tone())
    frames = []

    @pc.on("track")
    def on_track(track):
        async def listen():
            try:
                while True:
                    frame = await track.recv()
                    loudness = float(numpy.abs(frame.to_ndarray().astype(numpy.int32)).mean())
                    frames.append((frame.samples, loudness))
            except MediaStreamError:
                pass

        asyncio.ensure_future(listen())

    channel = pc.createDataChannel("echo")
    arrived = asyncio.Queue()
    channel.on("message", arrived.put_nowait)
    opened = asyncio.Event()
    channel.on("open", opened.set)

    await pc.setLocalDescription(await pc.createOffer())
    location, answer = await asyncio.to_thread(post, pc.localDescription.sdp)
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await asyncio.wait_for(opened.wait(), 20)
    report["openMs"] = (time.perf_counter() - started) * 1000

    async def echo(message):
        channel.send(message)
        return await asyncio.wait_for(arrived.get(), 10)

    report["text"] = await echo("grüß dich") == "grüß dich"
    report["binary"] = await echo(b"\x00\x01\x02\xff") == b"\x00\x01\x02\xff"
    large = bytes(i * 31 % 256 for i in range(60_000))
    report["large"] = await echo(large) == large

    trips = []
    for i in range(100):
        at = time.perf_counter()
        await echo(f"ping {i}")
        trips.append((time.perf_counter() - at) * 1000)
    trips.sort()
    report["pingP50Ms"] = trips[50]
    report["pingMaxMs"] = trips[99]

    await asyncio.sleep(2)
    report["audioBack"] = len(frames)
    report["audioSamples"] = sum(samples for samples, _ in frames)
    report["audioLoudness"] = sorted(loudness for _, loudness in frames)[len(frames) // 2] if frames else 0
    report["deleted"] = await asyncio.to_thread(delete, location)
    await pc.close()
    print(json.dumps(report))


asyncio.run(main())
