package redistest

import (
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// As names the user as whom the helpers of this package ask the server, where
// the nameless one may not.
func (s *Server) As(user, password string) *Server {
	s.user, s.password = user, password
	return s
}

// with calls do with a client that lasts as long.
func (s *Server) with(do func(*redis.Client) error) error {
	client := redis.NewClient(&redis.Options{
		Addr: s.Address(), Username: s.user, Password: s.password, MaxRetries: -1, ReadTimeout: time.Second, Protocol: 2,
	})
	defer client.Close() //nolint:errcheck // It was asked, or it is gone.
	return do(client)
}

// info is what the server says of itself; empty where it does not.
func (s *Server) info(section string) string {
	var text string
	_ = s.with(func(client *redis.Client) (err error) {
		text, err = client.Info(s.t.Context(), section).Result()
		return err
	})
	return text
}

func (s *Server) do(command ...any) error {
	return s.with(func(client *redis.Client) error { return client.Do(s.t.Context(), command...).Err() })
}

func (s *Server) must(command ...any) (reply any) {
	s.t.Helper()
	err := s.with(func(client *redis.Client) (err error) {
		reply, err = client.Do(s.t.Context(), command...).Result()
		return err
	})
	if err != nil {
		s.t.Fatalf("%v: %v", command[:2], err)
	}
	return reply
}

// Follows says whether the server is a replica that has caught up.
func (s *Server) Follows() bool {
	return strings.Contains(s.info("replication"), "master_link_status:up")
}
