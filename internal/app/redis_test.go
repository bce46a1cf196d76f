package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"bedside/internal/config"
	"bedside/internal/redisdb/redistest"
	"bedside/internal/seal"
)

// sharedKeys is the keyset of the tests' replicas: without a shared one, none
// can read what another stored.
var sharedKeys = config.NewSecret(newKeyset())

// startShippedRedis starts a Redis with the ACL that deployments/ ships, and
// returns the gateway's URL for it and a way in that bypasses the ACL.
func startShippedRedis(t *testing.T) (url config.Secret, admin *redis.Client) {
	t.Helper()
	template, err := os.ReadFile("../../deployments/redis/users.acl.template")
	if err != nil {
		t.Fatal(err)
	}
	users := strings.ReplaceAll(string(template), "PASSWORD", "of-the-tests") + "user admin on >admin ~* &* +@all\n"
	path := filepath.Join(t.TempDir(), "users.acl")
	if err := os.WriteFile(path, []byte(users), 0o600); err != nil {
		t.Fatal(err)
	}
	server := redistest.Start(t, "--aclfile", path, "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction")
	admin = redis.NewClient(&redis.Options{Addr: server.Address(), Username: "admin", Password: "admin"})
	t.Cleanup(func() { _ = admin.Close() })
	return config.NewSecret(fmt.Sprintf("redis://bedside:of-the-tests@%s/0", server.Address())), admin
}

// TestTwoReplicasOnOneRedis asks one replica and reads, continues and repeats on
// the other, with the ACL that deployments/ ships.
func TestTwoReplicasOnOneRedis(t *testing.T) {
	store, admin := startShippedRedis(t)
	settings := config.Config{RedisURL: store, DataKeys: sharedKeys}
	first, second := start(t, settings), start(t, settings)

	asked := post(t, first, map[string]any{"input": "was it used in the war?", "metadata": map[string]string{"client_message_id": "0e9c2a57-4c3e-4a3f-9a51-d6b3a0c1f0aa"}}, "")
	if asked.Metadata["outcome"] != "answered" {
		t.Fatalf("%v: %s", asked.Metadata, asked.text())
	}
	repeated := post(t, second, map[string]any{"input": "was it used in the war?", "metadata": map[string]string{"client_message_id": "0e9c2a57-4c3e-4a3f-9a51-d6b3a0c1f0aa"}}, asked.session)
	if repeated.ID != asked.ID || repeated.text() != asked.text() {
		t.Errorf("the same question again is %s, was %s", repeated.ID, asked.ID)
	}
	followed := post(t, second, map[string]any{"input": "and why there?", "previous_response_id": asked.ID}, asked.session)
	if followed.Metadata["outcome"] != "answered" {
		t.Errorf("the follow-up: %v: %s", followed.Metadata, followed.text())
	}
	forgotten := request(t, http.MethodDelete, second+"/v1/session", nil, asked.session)
	_ = forgotten.Body.Close()
	after := request(t, http.MethodGet, first+"/v1/responses/"+asked.ID, nil, asked.session)
	_ = after.Body.Close()
	if after.StatusCode != http.StatusNotFound {
		t.Errorf("after forgetting on the other replica: %d", after.StatusCode)
	}
	denied, err := admin.ACLLog(t.Context(), 10).Result()
	if err != nil || len(denied) > 0 {
		t.Errorf("Redis refused what the gateway needs: %+v, %v", denied, err)
	}
}

// Whether a replica has what was stored is counted where the operator sees it.
func TestStoreConfirmationsAreCounted(t *testing.T) {
	server := redistest.Start(t, "--repl-diskless-sync-delay", "0")
	replica := redistest.Start(t, "--replicaof", "127.0.0.1", strconv.Itoa(server.Port))
	for deadline := time.Now().Add(untilPatience); !replica.Follows(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the replica does not follow")
		}
	}
	gateway := launch(t, "REDIS_URL="+server.URL(), "BEDSIDE_DATA_KEYS="+sharedKeys.Reveal())
	counted := `bedside_store_confirmations_total{by="replica",result="confirmed"} `
	// A server that did not answer in time is asked for its replicas ten seconds later.
	for deadline := time.Now().Add(3 * untilPatience); ; time.Sleep(time.Second) {
		post(t, gateway.url, map[string]any{"input": ordinary}, "")
		_, metrics := get(t, "http://"+gateway.admin+"/metrics")
		if strings.Contains(metrics, counted) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the metrics do not have %s", counted)
		}
	}
}

func newKeyset() string {
	keyset, err := seal.NewKeyset()
	if err != nil {
		panic(err) // no randomness
	}
	text, err := keyset.Reveal()
	if err != nil {
		panic(err)
	}
	return text
}
