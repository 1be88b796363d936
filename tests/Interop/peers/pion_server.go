// A pion server of the lab's echo, to measure beside the host: audio packets and messages go back untouched. It prints its address.
// usage: GO111MODULE=off GOPATH=/usr/share/gocode go run pion_server.go
// Debian's packages are no modules: they lie in its GOPATH under names without a major version.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/pion/ice/v2"
	"github.com/pion/webrtc"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// answer makes a peer connection that echoes, and describes it with all of its candidates.
func answer(api *webrtc.API, offer string) (string, error) {
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", err
	}
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, "audio", "pion")
	if err != nil {
		return "", err
	}
	if _, err = pc.AddTrack(track); err != nil {
		return "", err
	}
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			// Header extensions were negotiated for the way here.
			packet.Header.Extension = false
			packet.Header.Extensions = nil
			if err := track.WriteRTP(packet); err != nil {
				return
			}
		}
	})
	pc.OnDataChannel(func(channel *webrtc.DataChannel) {
		channel.OnMessage(func(message webrtc.DataChannelMessage) {
			if message.IsString {
				_ = channel.SendText(string(message.Data))
			} else {
				_ = channel.Send(message.Data)
			}
		})
	})
	if err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	local, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", err
	}
	if err = pc.SetLocalDescription(local); err != nil {
		return "", err
	}
	<-gathered
	return pc.LocalDescription().SDP, nil
}

func main() {
	settings := webrtc.SettingEngine{}
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	media := &webrtc.MediaEngine{}
	must(media.RegisterDefaultCodecs())
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings))
	http.HandleFunc("/lab/echo", func(w http.ResponseWriter, r *http.Request) {
		offer, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
		if err == nil {
			var sdp string
			if sdp, err = answer(api, string(offer)); err == nil {
				w.Header().Set("Location", "/lab/echo/1")
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, sdp)
				return
			}
		}
		http.Error(w, err.Error(), http.StatusBadRequest)
	})
	http.HandleFunc("/lab/echo/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	fmt.Printf("pion is listening on http://%s\n", listener.Addr())
	must(http.Serve(listener, nil))
}
