// An echo as pion's own examples make it: what a browser sends comes back, packet by packet. It answers SDP offers that are posted to it
// and prints its address.
// usage: GO111MODULE=off GOPATH=/usr/share/gocode go run pion_return.go
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/pion/webrtc"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(offer string) (string, error) {
	pc, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}

	back, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "audio", "echo")
	if err != nil {
		return "", err
	}

	sender, err := pc.AddTrack(back)
	if err != nil {
		return "", err
	}

	go func() {
		// Reports are read so that the interceptors see them.
		buffer := make([]byte, 1500)
		for {
			if _, _, err := sender.Read(buffer); err != nil {
				return
			}
		}
	}()
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := remote.ReadRTP()
			if err != nil || back.WriteRTP(packet) != nil {
				return
			}
		}
	})
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateDisconnected {
			_ = pc.Close()
		}
	})
	if err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}

	gathered := webrtc.GatheringCompletePromise(pc)
	description, err := pc.CreateAnswer(nil)
	if err == nil {
		err = pc.SetLocalDescription(description)
	}

	if err != nil {
		return "", err
	}

	<-gathered
	return pc.LocalDescription().SDP, nil
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	fmt.Printf("Now listening on: http://%s\n", listener.Addr())
	must(http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		response.Header().Set("Access-Control-Allow-Origin", "*")
		response.Header().Set("Access-Control-Allow-Headers", "content-type")
		if request.Method == http.MethodOptions {
			return
		}

		offer, err := io.ReadAll(request.Body)
		if err == nil {
			var sdp string
			if sdp, err = answer(string(offer)); err == nil {
				_, err = io.WriteString(response, sdp)
			}
		}

		if err != nil {
			http.Error(response, err.Error(), http.StatusInternalServerError)
		}
	})))
}
