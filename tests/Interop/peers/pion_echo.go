// A pion client of the host's lab echo. Prints one JSON line: what it sent, what came back, how long it took.
// usage: GO111MODULE=off GOPATH=/usr/share/gocode go run pion_echo.go http://host:port
// Debian's packages are no modules: they lie in its GOPATH under names without a major version.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func await(what string, signal <-chan struct{}) {
	select {
	case <-signal:
	case <-time.After(20 * time.Second):
		must(fmt.Errorf("%s took more than 20 s", what))
	}
}

func main() {
	base := os.Args[1]
	started := time.Now()
	report := map[string]interface{}{"client": "pion"}
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	must(err)

	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "audio", "pion")
	must(err)
	_, err = pc.AddTrack(track)
	must(err)
	var audioBack, audioBytes int64
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			atomic.AddInt64(&audioBack, 1)
			atomic.AddInt64(&audioBytes, int64(len(packet.Payload)))
		}
	})

	channel, err := pc.CreateDataChannel("echo", nil)
	must(err)
	opened := make(chan struct{})
	connected := make(chan struct{})
	back := make(chan webrtc.DataChannelMessage, 16)
	channel.OnOpen(func() { close(opened) })
	channel.OnMessage(func(message webrtc.DataChannelMessage) { back <- message })
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			close(connected)
		}
	})
	next := func() webrtc.DataChannelMessage {
		select {
		case message := <-back:
			return message
		case <-time.After(10 * time.Second):
			must(fmt.Errorf("no echo within 10 s"))
			panic("unreachable")
		}
	}

	offer, err := pc.CreateOffer(nil)
	must(err)
	gathered := webrtc.GatheringCompletePromise(pc)
	must(pc.SetLocalDescription(offer))
	await("gathering", gathered)
	response, err := http.Post(base+"/lab/echo?path=rtp", "application/sdp", strings.NewReader(pc.LocalDescription().SDP))
	must(err)
	answer, err := io.ReadAll(response.Body)
	must(err)
	if response.StatusCode != http.StatusCreated {
		must(fmt.Errorf("%d: %s", response.StatusCode, answer))
	}
	must(pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(answer)}))
	await("connecting", connected)
	report["connectedMs"] = time.Since(started).Milliseconds()
	await("opening the channel", opened)
	report["openMs"] = time.Since(started).Milliseconds()

	// Audio: opus silence frames, 20 ms apart, while the messages below travel.
	var audioSent int64
	quit := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for i := 0; ; i++ {
			select {
			case <-quit:
				return
			case <-ticker.C:
			}
			header := rtp.Header{Version: 2, PayloadType: 111, SequenceNumber: uint16(i), Timestamp: uint32(960 * i), SSRC: 1}
			must(track.WriteRTP(&rtp.Packet{Header: header, Payload: []byte{0xf8, 0xff, 0xfe}}))
			audioSent++
		}
	}()

	must(channel.SendText("grüß dich"))
	report["text"] = string(next().Data) == "grüß dich"
	must(channel.Send([]byte{0, 1, 2, 255}))
	message := next()
	report["binary"] = !message.IsString && bytes.Equal(message.Data, []byte{0, 1, 2, 255})
	large := make([]byte, 60000)
	for i := range large {
		large[i] = byte(i * 31)
	}
	must(channel.Send(large))
	report["large"] = bytes.Equal(next().Data, large)

	trips := make([]float64, 100)
	for i := range trips {
		at := time.Now()
		must(channel.SendText(fmt.Sprintf("ping %d", i)))
		next()
		trips[i] = float64(time.Since(at).Microseconds()) / 1000
	}
	sort.Float64s(trips)
	report["pingP50Ms"] = trips[50]
	report["pingMaxMs"] = trips[99]

	time.Sleep(time.Second)
	close(quit)
	<-done
	time.Sleep(200 * time.Millisecond)
	report["audioSent"] = audioSent
	report["audioBack"] = atomic.LoadInt64(&audioBack)
	report["audioBytes"] = atomic.LoadInt64(&audioBytes)

	location := response.Header.Get("Location")
	if !strings.HasPrefix(location, "http") {
		location = base + location
	}
	request, err := http.NewRequest(http.MethodDelete, location, nil)
	must(err)
	ended, err := http.DefaultClient.Do(request)
	must(err)
	report["deleted"] = ended.StatusCode
	line, err := json.Marshal(report)
	must(err)
	fmt.Println(string(line))
}
