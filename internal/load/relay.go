package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// ServeRelay is the least that a chat backend can be: each text frame is asked of
// the model, and each token comes back as a frame; an empty one ends the answer.
// It calls ready with its address and serves until ctx ends.
func ServeRelay(ctx context.Context, upstream string, ready func(url string)) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen as the relay: %w", err)
	}
	client := newDirect(upstream)
	var upgrader websocket.Upgrader
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // the upgrader has answered
		}
		defer conn.Close() //nolint:errcheck // It ended, or ends with this.
		for {
			_, asked, err := conn.ReadMessage()
			if err != nil {
				return
			}
			err = stream(r.Context(), client, string(asked), func(text string) error {
				return conn.WriteMessage(websocket.TextMessage, []byte(text))
			})
			if err != nil || conn.WriteMessage(websocket.TextMessage, nil) != nil {
				return
			}
		}
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	ready("http://" + listener.Addr().String())
	select {
	case <-ctx.Done():
		err = server.Close()
		if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return err
	case err = <-served:
		return fmt.Errorf("serve as the relay: %w", err)
	}
}

// relayPatient is a client of the relay.
type relayPatient struct{ conn *websocket.Conn }

func dialRelay(ctx context.Context, url string) (patient, error) {
	conn, err := dial(ctx, url, "")
	if err != nil {
		return nil, err
	}
	return relayPatient{conn}, nil
}

func (p relayPatient) ask(_ context.Context, got func(at time.Time, text string)) error {
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(question)); err != nil {
		return fmt.Errorf("ask the relay: %w", err)
	}
	for {
		_, text, err := p.conn.ReadMessage()
		if err != nil {
			return fmt.Errorf("read from the relay: %w", err)
		}
		if len(text) == 0 {
			return nil
		}
		got(time.Now(), string(text))
	}
}

func (p relayPatient) close() { _ = p.conn.Close() }
