package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// shortKey is the length below which a staff key can be guessed.
const shortKey = 16

// check says what is wrong with settings taken together; name says how a variable's
// setting was given: by the variable, a flag or a line of the file.
func (c Config) check(name func(env string) string) []string {
	var problems []string
	wrong := func(env, format string, args ...any) {
		problems = append(problems, name(env)+": "+fmt.Sprintf(format, args...))
	}
	if c.AdminAddr != "" && c.AdminAddr == c.Addr && !strings.HasSuffix(c.Addr, ":0") {
		wrong("BEDSIDE_ADMIN_ADDR", "%s is the gateway's own address (BEDSIDE_ADDR): metrics must not be public", c.AdminAddr)
	}
	if c.Session.Max < c.Session.Idle {
		wrong("BEDSIDE_SESSION_MAX", "%s is shorter than BEDSIDE_SESSION_IDLE (%s)", showDuration(c.Session.Max), showDuration(c.Session.Idle))
	}
	if c.Limits.PingInterval >= c.Limits.ReadTimeout {
		wrong("BEDSIDE_PING_INTERVAL", "%s is not shorter than BEDSIDE_READ_TIMEOUT (%s): every quiet connection would be closed",
			showDuration(c.Limits.PingInterval), showDuration(c.Limits.ReadTimeout))
	}
	if c.Limits.FrameBytes < c.Limits.QuestionCharacters {
		wrong("BEDSIDE_FRAME_BYTES", "%d is less than BEDSIDE_QUESTION_CHARACTERS (%d): a question would not fit", c.Limits.FrameBytes, c.Limits.QuestionCharacters)
	}
	return problems
}

// doubts are settings that work and are probably not what was meant.
func (c Config) doubts(name func(env string) string) []string {
	var doubts []string
	if c.Model.Embedding != "" && !c.Model.Enabled() {
		doubts = append(doubts, name("BEDSIDE_EMBEDDING_MODEL")+": has no effect without OPENAI_API_KEY or OPENAI_BASE_URL")
	}
	for _, key := range c.StaffKeys {
		if len(key.Reveal()) < shortKey {
			doubts = append(doubts, fmt.Sprintf("%s: a key is shorter than %d characters and can be guessed", name("BEDSIDE_STAFF_KEYS"), shortKey))
			break
		}
	}
	return doubts
}

// Findings says what production needs and these settings lack, one line each
// with what to do. A gateway for production starts only when there is none.
func (c Config) Findings() []string {
	var findings []string
	need := func(ok bool, finding string) {
		if !ok {
			findings = append(findings, finding)
		}
	}
	need(protected(c.RedisURL.Reveal()), "REDIS_URL: sessions need a Redis reached over TLS whose certificate is verified (rediss://) or over a unix socket (unix://)")
	need(!c.DataKeys.IsZero(), "BEDSIDE_DATA_KEYS: set the keyset that all replicas share, e.g. as BEDSIDE_DATA_KEYS_FILE; bedside keys new makes one")
	need(len(c.Origins) > 0, "BEDSIDE_ORIGINS: name the origins of the clinic's pages")
	for _, origin := range c.Origins {
		u, err := url.Parse(origin)
		need(err == nil && (u.Scheme == "https" || loopback(u.Hostname())),
			fmt.Sprintf("BEDSIDE_ORIGINS: %s is not encrypted, and others could change the page or read along: serve the clinic's pages over https:// and name them so", origin))
	}
	need(len(c.StaffKeys) > 0, "BEDSIDE_STAFF_KEYS: set at least one staff key, e.g. as BEDSIDE_STAFF_KEYS_FILE")
	for _, key := range c.StaffKeys {
		if len(key.Reveal()) < shortKey {
			need(false, fmt.Sprintf("BEDSIDE_STAFF_KEYS: every key needs at least %d characters", shortKey))
			break
		}
	}
	need(c.Clinic.Name != "", "BEDSIDE_CLINIC_NAME: set the clinic's name")
	need(c.Clinic.Phone != "", "BEDSIDE_CLINIC_PHONE: set the clinic's phone")
	need(c.Clinic.Phone == "" || callable(c.Clinic.Phone),
		fmt.Sprintf("BEDSIDE_CLINIC_PHONE: %q holds no number: set the one that patients call, e.g. +1 312 555 0100", c.Clinic.Phone))
	need(c.Clinic.Hours != "", "BEDSIDE_CLINIC_HOURS: say when the clinic can be reached")
	need(!c.IncludePending, "BEDSIDE_PENDING: pages that wait for clinical review must stay out (exclude)")
	need(!c.Model.Outside() || c.Model.BAAConfirmed,
		"BEDSIDE_BAA_CONFIRMED: set it once the vendor of the model, which is outside this machine, has signed a business associate agreement")
	return findings
}

// Outside says whether patients' words would leave the machine for the model.
func (m Model) Outside() bool {
	if !m.Enabled() {
		return false
	}
	u, err := url.Parse(m.BaseURL)
	if err != nil || m.BaseURL == "" {
		return true
	}
	return !loopback(u.Hostname())
}

// callable says whether a phone holds a number: the shortest have three digits.
func callable(phone string) bool {
	digits := 0
	for _, r := range phone {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= 3
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

// protected says whether nobody on the way to Redis can read along or take its place.
func protected(redisURL string) bool {
	u, err := url.Parse(redisURL)
	if err != nil {
		return false
	}
	unverified, _ := strconv.ParseBool(u.Query().Get("skip_verify"))
	return u.Scheme == "unix" || u.Scheme == "rediss" && !unverified
}
