package redistest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// primaries of a Cluster: the fewest that can agree on the loss of one.
const primaries = 3

// slots are all the slots of a Cluster.
const slots = 16384

// Cluster is three primaries, each with its replica if there are any. A node
// that is silent for two and a half seconds is taken for lost.
type Cluster struct {
	t        testing.TB
	Primary  [primaries]*Server
	Replicas []*Server // of the primary at the same place
}

// StartCluster starts a Cluster. The options are those of its servers.
func StartCluster(t testing.TB, withReplicas bool, options ...string) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	node := func() *Server {
		own := []string{
			"--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(freePort(t)), "--cluster-node-timeout", "2500",
			"--cluster-replica-validity-factor", "0",
		}
		return Start(t, slices.Concat(own, replicating(), options)...)
	}
	for i := range c.Primary {
		c.Primary[i] = node()
		if withReplicas {
			c.Replicas = append(c.Replicas, node())
		}
	}
	c.join()
	return c
}

// join makes one Cluster of the nodes.
func (c *Cluster) join() {
	c.t.Helper()
	nodes := c.nodes()
	first := nodes[0]
	for i, primary := range c.Primary {
		from, to := i*slots/primaries, (i+1)*slots/primaries-1
		primary.must("CLUSTER", "ADDSLOTSRANGE", from, to)
		primary.must("CLUSTER", "SET-CONFIG-EPOCH", i+1)
	}
	for i, replica := range c.Replicas {
		replica.must("CLUSTER", "SET-CONFIG-EPOCH", primaries+i+1)
	}
	for _, other := range nodes[1:] {
		other.must("CLUSTER", "MEET", "127.0.0.1", first.Port, first.busPort())
	}
	c.await("the nodes to meet", func() bool {
		for _, node := range nodes {
			if !strings.Contains(node.cluster(), "cluster_known_nodes:"+strconv.Itoa(len(nodes))+"\r") {
				return false
			}
		}
		return true
	})
	for i, replica := range c.Replicas {
		id := fmt.Sprint(c.Primary[i].must("CLUSTER", "MYID"))
		c.await("a replica to know its primary", func() bool { return replica.do("CLUSTER", "REPLICATE", id) == nil })
	}
	c.await("the Cluster", func() bool {
		for _, node := range nodes {
			if info := node.cluster(); !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_size:3") {
				return false
			}
		}
		for _, replica := range c.Replicas {
			if !replica.Follows() {
				return false
			}
		}
		return true
	})
}

// URL names the Cluster as redisdb takes it, as a user of it where one is given
// ("name:password@").
func (c *Cluster) URL(user string) string {
	return fmt.Sprintf("redis://%s%s?addr=%s&addr=%s", user, c.Primary[0].Address(), c.Primary[1].Address(), c.Primary[2].Address())
}

// AwaitPromotion waits until the replica of a lost primary has taken its place,
// and returns the moment when that was seen.
func (c *Cluster) AwaitPromotion(lost int) time.Time {
	c.t.Helper()
	c.await("a promotion", func() bool {
		return strings.Contains(c.Replicas[lost].info("replication"), "role:master") &&
			strings.Contains(c.Replicas[lost].cluster(), "cluster_state:ok")
	})
	return time.Now()
}

func (c *Cluster) nodes() []*Server { return append(c.Primary[:], c.Replicas...) }

func (c *Cluster) await(what string, is func() bool) {
	c.t.Helper()
	await(c.t, what, is)
}

// cluster is what the node says of the Cluster.
func (s *Server) cluster() string {
	var text string
	_ = s.with(func(client *redis.Client) (err error) {
		text, err = client.ClusterInfo(s.t.Context()).Result()
		return err
	})
	return text
}

func (s *Server) busPort() string {
	for i, option := range s.options {
		if option == "--cluster-port" {
			return s.options[i+1]
		}
	}
	return ""
}

// Holder is the place of the primary that held the key at the start.
func (c *Cluster) Holder(key string) int {
	c.t.Helper()
	slot, ok := c.Primary[0].must("CLUSTER", "KEYSLOT", key).(int64)
	if !ok {
		c.t.Fatal("CLUSTER KEYSLOT gave no number")
	}
	for i := range c.Primary {
		if int(slot) < (i+1)*slots/primaries {
			return i
		}
	}
	return primaries - 1
}

// Move gives the slot of the keys, which are all that it holds, to another primary.
func (c *Cluster) Move(from, to int, keys ...string) {
	c.t.Helper()
	source, target := c.Primary[from], c.Primary[to]
	slot := source.must("CLUSTER", "KEYSLOT", keys[0])
	id := func(s *Server) string { return fmt.Sprint(s.must("CLUSTER", "MYID")) }
	target.must("CLUSTER", "SETSLOT", slot, "IMPORTING", id(source))
	source.must("CLUSTER", "SETSLOT", slot, "MIGRATING", id(target))
	command := []any{"MIGRATE", "127.0.0.1", target.Port, "", 0, 5000, "KEYS"}
	for _, key := range keys {
		command = append(command, key)
	}
	source.must(command...)
	for _, node := range []*Server{target, source} {
		node.must("CLUSTER", "SETSLOT", slot, "NODE", id(target))
	}
}
