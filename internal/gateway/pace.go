package gateway

import "time"

const (
	mostStrikes  = 3  // malformed frames in a row within a window
	mostWarnings = 20 // refusals for speed within a window
	window       = time.Minute
	paceBurst    = 6 * time.Second // of frames at once
	// refusedPause is how long a frame or a connection that was refused for speed holds
	// its sender up. What is sent meanwhile waits on the sender's side, and costs the
	// others nothing.
	refusedPause = 100 * time.Millisecond
	// mostPaused bounds how many refused handshakes are held up at a time.
	mostPaused = 256
)

// counter counts within a window that begins with the first.
type counter struct {
	count int
	since time.Time
}

func (c *counter) add() int {
	now := time.Now()
	if c.count == 0 || now.Sub(c.since) > window {
		*c = counter{since: now}
	}
	c.count++
	return c.count
}

func (c *counter) reset() { c.count = 0 }

// pace bounds the frames of one connection that are no questions.
type pace struct {
	share time.Duration
	free  time.Time
}

func newPace(perSecond int) pace { return pace{share: time.Second / time.Duration(perSecond)} }

// take counts a frame; if it came too fast it says how long to wait.
func (p *pace) take() (retry time.Duration, ok bool) {
	now := time.Now()
	if p.free.Before(now) {
		p.free = now
	}
	if ahead := p.free.Sub(now); ahead > paceBurst-p.share {
		return ahead - (paceBurst - p.share), false
	}
	p.free = p.free.Add(p.share)
	return 0, true
}
