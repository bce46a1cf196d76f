package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// value reads text into a field of a Config and shows what the field holds. The
// error of set says what is wrong with the text and does not repeat it.
type value interface {
	set(text string) error
	String() string
	isZero() bool
}

type textValue struct{ to *string }

func (v textValue) set(text string) error { *v.to = text; return nil }
func (v textValue) String() string        { return *v.to }
func (v textValue) isZero() bool          { return *v.to == "" }

type colorValue struct{ to *string }

var hexColor = regexp.MustCompile(`^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)

func (v colorValue) set(text string) error {
	if !hexColor.MatchString(text) {
		return errors.New("is not a colour")
	}
	*v.to = text
	return nil
}
func (v colorValue) String() string { return *v.to }
func (v colorValue) isZero() bool   { return *v.to == "" }

type boolValue struct{ to *bool }

func (v boolValue) set(text string) (err error) {
	if *v.to, err = strconv.ParseBool(strings.ToLower(text)); err != nil {
		return errors.New("is neither true nor false")
	}
	return nil
}
func (v boolValue) String() string { return strconv.FormatBool(*v.to) }
func (v boolValue) isZero() bool   { return !*v.to }

type pendingValue struct{ to *bool }

func (v pendingValue) set(text string) error {
	if text != "include" && text != "exclude" {
		return errors.New("is neither include nor exclude")
	}
	*v.to = text == "include"
	return nil
}

func (v pendingValue) String() string {
	if *v.to {
		return "include"
	}
	return "exclude"
}
func (v pendingValue) isZero() bool { return !*v.to }

type durationValue struct{ to *time.Duration }

func (v durationValue) set(text string) error {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return errors.New("is not a duration")
	case d <= 0:
		return errors.New("is not above zero")
	}
	*v.to = d
	return nil
}
func (v durationValue) String() string { return showDuration(*v.to) }
func (v durationValue) isZero() bool   { return *v.to == 0 }

// waitValue is a duration where 0 means none.
type waitValue struct{ to *time.Duration }

func (v waitValue) set(text string) error {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return errors.New("is not a duration")
	case d < 0:
		return errors.New("is below zero")
	case d == 0:
		d = Unlimited
	}
	*v.to = d
	return nil
}
func (v waitValue) String() string { return showDuration(max(0, *v.to)) }
func (v waitValue) isZero() bool   { return *v.to == 0 }

// showDuration drops the zero units that Duration.String writes: 30m, not 30m0s.
func showDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

type countValue struct{ to *int }

func (v countValue) set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return errors.New("is not a whole number from 1")
	}
	*v.to = n
	return nil
}
func (v countValue) String() string { return strconv.Itoa(*v.to) }
func (v countValue) isZero() bool   { return *v.to == 0 }

// limitValue is a count where 0 switches the limit off.
type limitValue struct{ to *int }

func (v limitValue) set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("is not a whole number from 0 (0 is no limit)")
	}
	if n == 0 {
		n = Unlimited
	}
	*v.to = n
	return nil
}
func (v limitValue) String() string { return strconv.Itoa(max(0, *v.to)) }
func (v limitValue) isZero() bool   { return *v.to == 0 }

type addressValue struct{ to *string }

func (v addressValue) set(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return errors.New("is not an address HOST:PORT, e.g. 127.0.0.1:8080")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return errors.New("has no port from 0 to 65535")
	}
	*v.to = text
	return nil
}
func (v addressValue) String() string { return *v.to }
func (v addressValue) isZero() bool   { return *v.to == "" }

// adminValue is an address for the staff's machine: without a host it is
// loopback's, not every network's, and a port alone is enough.
type adminValue struct{ addressValue }

func (v adminValue) set(text string) error {
	if _, err := strconv.ParseUint(text, 10, 16); err == nil {
		text = ":" + text
	}
	if strings.HasPrefix(text, ":") {
		text = "127.0.0.1" + text
	}
	return v.addressValue.set(text)
}

type urlValue struct{ to *string }

func (v urlValue) set(text string) error {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return errors.New("is not an address that begins with http:// or https://")
	}
	if u.User != nil {
		return errors.New("must not hold a name or password")
	}
	*v.to = strings.TrimRight(text, "/")
	return nil
}
func (v urlValue) String() string { return *v.to }
func (v urlValue) isZero() bool   { return *v.to == "" }

type originsValue struct{ to *[]string }

func (v originsValue) set(text string) error {
	var origins []string
	for _, part := range split(text) {
		origin, err := parseOrigin(part)
		if err != nil {
			return err
		}
		if !slices.Contains(origins, origin) {
			origins = append(origins, origin)
		}
	}
	*v.to = origins
	return nil
}
func (v originsValue) String() string { return strings.Join(*v.to, ",") }
func (v originsValue) isZero() bool   { return len(*v.to) == 0 }

// parseOrigin writes an origin as browsers send it: lower case, no default port.
func parseOrigin(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" ||
		u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Host, "*") {
		return "", errors.New("is not a list of origins, e.g. https://www.clinic.example,https://clinic.example")
	}
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host, nil
}

type networksValue struct{ to *[]netip.Prefix }

func (v networksValue) set(text string) error {
	var networks []netip.Prefix
	for _, part := range split(text) {
		network, err := netip.ParsePrefix(part)
		if err != nil {
			address, err := netip.ParseAddr(part)
			if err != nil {
				return errors.New("is not a list of networks, e.g. 10.0.0.0/8,192.168.1.7")
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		networks = append(networks, network.Masked())
	}
	*v.to = networks
	return nil
}

func (v networksValue) String() string {
	var parts []string
	for _, network := range *v.to {
		parts = append(parts, network.String())
	}
	return strings.Join(parts, ",")
}
func (v networksValue) isZero() bool { return len(*v.to) == 0 }

type levelValue struct{ to *slog.Level }

func (v levelValue) set(text string) error {
	if err := v.to.UnmarshalText([]byte(text)); err != nil {
		return errors.New("is not a level")
	}
	return nil
}
func (v levelValue) String() string { return strings.ToLower(v.to.String()) }
func (v levelValue) isZero() bool   { return *v.to == slog.LevelInfo }

type formatValue struct{ to *string }

func (v formatValue) set(text string) error {
	if !slices.Contains([]string{"auto", "text", "json"}, text) {
		return errors.New("is none of auto, text and json")
	}
	*v.to = text
	return nil
}
func (v formatValue) String() string { return *v.to }
func (v formatValue) isZero() bool   { return *v.to == "" }

type secretValue struct{ to *Secret }

func (v secretValue) set(text string) error { *v.to = NewSecret(text); return nil }
func (v secretValue) givenAs(name string)   { v.to.name = name }
func (v secretValue) String() string        { return fmt.Sprint(*v.to) }
func (v secretValue) isZero() bool          { return v.to.IsZero() }

type secretsValue struct{ to *[]Secret }

func (v secretsValue) set(text string) error {
	var secrets []Secret
	for _, part := range split(text) {
		secrets = append(secrets, NewSecret(part))
	}
	*v.to = secrets
	return nil
}

func (v secretsValue) String() string {
	switch n := len(*v.to); n {
	case 0:
		return ""
	case 1:
		return hidden
	default:
		return fmt.Sprintf("%s × %d", hidden, n)
	}
}
func (v secretsValue) isZero() bool { return len(*v.to) == 0 }

// redisValue checks no more than the scheme: the rest is go-redis's own.
type redisValue struct{ to *Secret }

func (v redisValue) set(text string) error {
	scheme, _, found := strings.Cut(text, "://")
	if !found || !slices.Contains([]string{"redis", "rediss", "unix"}, scheme) {
		return errors.New("does not begin with redis://, rediss:// or unix://")
	}
	*v.to = NewSecret(text)
	return nil
}
func (v redisValue) String() string { return fmt.Sprint(*v.to) }
func (v redisValue) isZero() bool   { return v.to.IsZero() }

// split cuts a list at commas and line ends and drops what is empty.
func split(text string) []string {
	var parts []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
