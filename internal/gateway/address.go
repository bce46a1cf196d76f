package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// clientAddress returns the address that a request came from: the peer's or,
// where the peer is a trusted proxy, the last one in X-Forwarded-For that is
// not. What stands before that was written by the client itself.
func (g *Gateway) clientAddress(r *http.Request) netip.Addr {
	address := peer(r)
	if !g.isProxy(address) {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			return address
		}
		address = hop
		if !g.isProxy(hop) {
			return address
		}
	}
	return address
}

func (g *Gateway) isProxy(address netip.Addr) bool {
	for _, network := range g.TrustedProxies {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// parseHop reads an address with or without a port.
func parseHop(hop string) (netip.Addr, bool) {
	hop = strings.TrimSpace(hop)
	if address, err := netip.ParseAddr(strings.Trim(hop, "[]")); err == nil {
		return address.Unmap(), true
	}
	pair, err := netip.ParseAddrPort(hop)
	return pair.Addr().Unmap(), err == nil
}

// peer returns the address of the other end of the connection.
func peer(r *http.Request) netip.Addr {
	pair, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return pair.Addr().Unmap()
}

func portOf(address *net.TCPAddr) string { return strconv.Itoa(address.Port) }
